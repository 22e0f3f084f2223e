"""The page's style: one column of text, plots in a grid that folds on a phone, colours that print."""

STYLE = """
:root{color-scheme:light;
  --ink:#1b2430;
  --soft:#5b6675;
  --line:#d9dfe7;
  --good:#1a7f4b;
  --bad:#b3261e;
  --open:#8a5a00;
  --train:#33506f;
  --holdout:#c2702c;
  --synthetic:#0b8f8c}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);
  overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.4rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
h3{font-size:.95rem;margin:1rem 0 .3rem}
nav{text-align:right;font-size:.9rem}
nav label{margin-left:.8rem}
.verdict{padding:1rem;border-left:6px solid;margin:1rem 0;background:#f6f8fa}
.pass{color:var(--good);border-color:var(--good)}
.block{color:var(--bad);border-color:var(--bad)}
.inconclusive{color:var(--open);border-color:var(--open)}
.verdict p,.verdict li{color:var(--ink)}
.criteria{display:grid;grid-template-columns:repeat(auto-fit,minmax(260px,1fr));gap:.8rem}
.criteria section{border:1px solid var(--line);border-top:5px solid;padding:.6rem .8rem}
.criteria p{color:var(--ink);margin:.2rem 0}
.wide{overflow-x:auto}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(320px,100%),1fr));gap:.8rem 1.2rem}
figure{margin:0}
figcaption{font-size:.85rem;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:.85rem;overflow-wrap:normal}
td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:auto;max-width:480px;display:block}
.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em;vertical-align:baseline}
.grid{stroke:var(--line)}
.bound{stroke:var(--bad);stroke-dasharray:4 3}
.bar{stroke:var(--synthetic);stroke-width:2}
.dot,.synthetic{fill:var(--synthetic)}
.control{fill:#fff;stroke:var(--holdout);stroke-width:1.6}
.held{stroke:var(--holdout);stroke-width:1;stroke-dasharray:3 2}
.tick-train{stroke:var(--train);stroke-width:2.5}
.line{fill:none;stroke-width:2}
.line.train{stroke:var(--train)}
.line.holdout{stroke:var(--holdout);stroke-dasharray:5 3}
.line.synthetic{stroke:var(--synthetic);fill:none}
text{font:11px system-ui,sans-serif;fill:var(--ink)}
.end{text-anchor:end}
.tick{text-anchor:middle;fill:var(--soft);font-size:10px}
small,.soft{color:var(--soft)}
body:has(#en:checked) [lang=fr]{display:none}
body:has(#fr:checked) [lang=en]{display:none}
@media (max-width:620px){
  .stack tr{display:block;border-bottom:2px solid var(--line);padding:.3rem 0}
  .stack td{display:block;border:0;padding:.1rem 0;text-align:left!important;white-space:normal}
}
@media print{nav{display:none} details>*{display:block}}
"""
