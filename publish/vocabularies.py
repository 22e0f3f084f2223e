"""Words that catalogues know: the languages of the European Union, the categories of health data.

Sources: the EU language authority table (http://publications.europa.eu/resource/authority/language, whose codes in
lower case are ISO 639-3), and the health categories of HealthDCAT-AP, release 8, which follow article 51 of Regulation
(EU) 2025/327.
"""

from __future__ import annotations

# ISO 639-1 -> the EU table's code
LANGUAGES = dict(
    pair.split(":")
    for pair in (
        "bg:BUL cs:CES da:DAN de:DEU el:ELL en:ENG es:SPA et:EST fi:FIN fr:FRA ga:GLE hr:HRV hu:HUN it:ITA lt:LIT "
        "lv:LAV mt:MLT nl:NLD pl:POL pt:POR ro:RON sk:SLK sl:SLV sv:SWE"
    ).split()
)
HEALTH_CATEGORIES = tuple(
    "EHRS DIOH NRPE RPDG HRAD HGPD HPML PGEH WELA IDHP PHDR MRMR EHCT EMRD RMMD RQSH EINS".split()
)
