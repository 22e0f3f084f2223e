"""The catalogue record: DCAT-AP 3.0.1 with HealthDCAT-AP Release 8 (public data), one dcat:Dataset and no catalogue.

Sources: https://semiceu.github.io/DCAT-AP/releases/3.0.1/, https://code.europa.eu/healthdataeu/healthdcat-ap. The
French Health Data Hub's catalogue asks for more (agents with homepage and mailbox, `csvw:titles`, a sample, provenance,
purpose): that is said too. The health data access body is mandatory though none governs open synthetic data: the
publisher stands in, and its note says so.
"""

from __future__ import annotations

import uuid

from publish.metadata import Agent, Metadata, Place
from publish.rdf import Iri, Node, Text, Value, several
from publish.release import DataFile, Release
from publish.render import ORIGIN_LINES
from publish.vocabularies import LANGUAGES
from synth.core.catalog import Column, Table
from synth.core.clock import UNDATED

_EU = "http://publications.europa.eu/resource/authority/"
_HEALTH = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
_EHDS = Iri("http://data.europa.eu/eli/reg/2025/327/oj")
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
_FILE_TYPES = {"csv": "CSV", "parquet": "PARQUET"}
_CSVW = {"any": "string", "yearmonth": "gYearMonth", "year": "gYear", "datetime": "dateTime", "number": "double"}


def dataset_uri(release: Release) -> str:
    """The dataset's address: the first identifier that is one, a DOI's, else a stable `urn:uuid` from its name."""
    for identifier in release.metadata.identifiers:
        if identifier.startswith(("http://", "https://", "urn:")):
            return identifier
        if identifier.startswith("10."):
            return f"https://doi.org/{identifier}"
    named = f"{release.metadata.publisher.url}#{release.name}/{release.metadata.version}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}"


def landing_page(release: Release) -> str:
    """Where a reader finds the release: its homepage, else its publisher's."""
    return release.metadata.homepage or str(release.metadata.publisher.url)


def concept(base: str, code: str, label: str) -> Node:
    """A term of a controlled list, with the list it belongs to so that it can be checked offline."""
    scheme = Node(("skos:ConceptScheme",), {"dct:title": [Text(base.rsplit("/", 1)[-1], "en")]}, base)
    said: dict[str, list[Value]] = {"skos:prefLabel": [Text(label, "en")], "skos:inScheme": [scheme]}
    return Node(("skos:Concept",), said, f"{base}/{code}")


def record(release: Release) -> tuple[Node, ...]:
    """The dataset, and the terms it uses, each described once."""
    said = _general(release) | _health(release) | _provenance(release)
    said["dcat:distribution"] = [
        _distribution(release, table, file) for table, facts in release.described for file in facts.files
    ]
    said["adms:sample"] = [_document(release, "index.html", "First rows of each table")]
    measured = [("report.html", "The scores, explained and drawn")] if "report.html" in release.extra else []
    measured += [("scores.json", "Disclosure risk, fidelity and utility")] if release.scores is not None else []
    said["healthdcatap:analytics"] = [_document(release, path, title) for path, title in measured]
    return _flattened(Node(("dcat:Dataset",), said, dataset_uri(release)))


def _general(release: Release) -> dict[str, list[Value]]:
    metadata = release.metadata
    period = {"dcat:startDate": [_day(metadata.temporal[0])], "dcat:endDate": [_day(metadata.temporal[1])]}
    return {
        "dct:title": _translated(metadata.title, metadata.title_fr, metadata.languages[0]),
        "dct:description": _translated(metadata.description, metadata.description_fr, metadata.languages[0]),
        "dct:identifier": [Text(dataset_uri(release), datatype="xsd:anyURI")],
        "dcat:version": [Text(metadata.version)],
        "adms:versionNotes": [Text(line, "en") for line in metadata.changes.get(metadata.version, ())],
        "dcat:keyword": [Text(word, metadata.languages[0]) for word in metadata.keywords],
        "dcat:theme": [concept(f"{_EU}data-theme", "HEAL", "Health")],
        "dct:type": [concept(f"{_EU}dataset-type", "SYNTHETIC_DATA", "Synthetic data")],
        "dct:accessRights": [_typed("dct:RightsStatement", concept(f"{_EU}access-right", "PUBLIC", "public"))],
        "dcatap:applicableLegislation": [_legislation()],
        "dct:language": [_language(code) for code in metadata.languages],
        "dct:spatial": [_place(place) for place in metadata.spatial],
        "dct:temporal": [Node(("dct:PeriodOfTime",), period)],
        "dct:accrualPeriodicity": [_typed("dct:Frequency", concept(f"{_EU}frequency", "NEVER", "never"))],
        "dct:issued": _issued(release),
        "dct:publisher": [_agent(metadata.publisher, publisher=True)],
        "dct:creator": [_agent(agent) for agent in metadata.contributors],
        "dcat:contactPoint": [_contact(metadata.contact, metadata.publisher)],
        "dcat:landingPage": [Node(("foaf:Document",), {}, landing_page(release))],
        "schema:digitalSourceType": [Iri(digital_source(release))],
    }


def digital_source(release: Release) -> str:
    """The IPTC term that says how synthetic data came about, under its schema.org name."""
    kind = "TrainedAlgorithmicMedia" if release.metadata.origin == "learned" else "AlgorithmicMedia"
    return f"https://schema.org/{kind}DigitalSource"


def _health(release: Release) -> dict[str, list[Value]]:
    metadata = release.metadata
    persons = release.persons
    numbered = [] if persons is None else [Text(str(persons), datatype="xsd:nonNegativeInteger")]
    return {
        "healthdcatap:hdab": [
            _agent(metadata.publisher, note="Open synthetic data: no access body decides on access.")
        ],
        "healthdcatap:healthCategory": [
            concept(f"{_HEALTH}healthcategories", code, code) for code in metadata.health_categories
        ],
        "healthdcatap:healthTheme": [concept(f"{_HEALTH}health-theme", "HEALTH_SYSTEMS", "Health systems")],
        "healthdcatap:hasStructuredData": [Text("true", datatype="xsd:boolean")],
        "healthdcatap:hasVariables": [_variables(release)],
        "healthdcatap:numberOfRecords": [Text(str(release.rows), datatype="xsd:nonNegativeInteger")],
        "healthdcatap:numberOfUniqueIndividuals": [*numbered],
        **_ages(metadata),
        "healthdcatap:hasCodingSystem": [_coding(system) for system in metadata.coding_systems],
        "healthdcatap:populationCoverage": [Text("Synthetic persons; no real person is covered.", "en")],
        "dpv:hasPurpose": [Iri("https://w3id.org/dpv#ResearchAndDevelopment")],
    }


def _ages(metadata: Metadata) -> dict[str, list[Value]]:
    if metadata.typical_ages is None:
        return {}
    names = ("healthdcatap:minTypicalAge", "healthdcatap:maxTypicalAge")
    pairs = zip(names, metadata.typical_ages, strict=True)
    return {name: [Text(str(age), datatype="xsd:nonNegativeInteger")] for name, age in pairs}


def _coding(system: Place) -> Node:
    said: dict[str, list[Value]] = {"dct:title": [Text(system.name)], "skos:prefLabel": [Text(system.name, "en")]}
    return Node(("dct:Standard", "skos:Concept"), said, system.uri)


def _provenance(release: Release) -> dict[str, list[Value]]:
    line = ORIGIN_LINES[release.metadata.origin]
    agent = Node(("prov:SoftwareAgent",), {"rdfs:label": [Text(release.software)]})
    activity: dict[str, list[Value]] = {
        "rdfs:label": [Text("Generation of synthetic tables", "en")],
        "prov:wasAssociatedWith": [agent],
    }
    said: dict[str, list[Value]] = {
        "dct:provenance": [Node(("dct:ProvenanceStatement",), {"rdfs:label": [Text(line, "en")]})],
        "prov:wasGeneratedBy": [Node(("prov:Activity",), activity)],
    }
    if release.verdict is not None:
        passed = "passed" if release.verdict.passed else "not passed"
        text = f"Release policy {release.verdict.policy}: {passed}; {len(release.verdict.checks)} checks."
        body = Node(("oa:TextualBody",), {"dct:description": [Text(text, "en")]})
        said["dqv:hasQualityAnnotation"] = [Node(("dqv:QualityAnnotation",), {"oa:hasBody": [body]})]
    return said


def _distribution(release: Release, table: Table, file: DataFile) -> Node:
    algorithm = Node(("spdx:ChecksumAlgorithm",), {}, "https://spdx.org/rdf/terms#checksumAlgorithm_sha256")
    checksum: dict[str, list[Value]] = {
        "spdx:algorithm": [algorithm],
        "spdx:checksumValue": [Text(file.sha256, datatype="xsd:hexBinary")],
    }
    schema = Node(
        ("dct:Standard",), {"dct:title": [Text("Data Package 2.0", "en")]}, "https://datapackage.org/standard/"
    )
    media = Node(("dct:MediaType",), {}, f"https://www.iana.org/assignments/media-types/{_MEDIA[file.form]}")
    format = _typed("dct:MediaTypeOrExtent", concept(f"{_EU}file-type", _FILE_TYPES[file.form], file.form.upper()))
    more: dict[str, list[Value]] = {
        "dct:format": [format],
        "dcat:mediaType": [media],
        "dcat:byteSize": [Text(str(file.bytes), datatype="xsd:nonNegativeInteger")],
        "spdx:checksum": [Node(("spdx:Checksum",), checksum)],
        "dct:conformsTo": [schema],
    }
    rows = release.facts[table.name].rows
    more["dct:description"] = [Text(f"{rows} synthetic rows of {table.name}, as {_FILE_TYPES[file.form]}.", "en")]
    return _access(release, f"{table.title or table.name} ({file.path})", more)


def _document(release: Release, path: str, title: str) -> Node:
    kind = path.rsplit(".", 1)[-1].upper()
    format = _typed("dct:MediaTypeOrExtent", concept(f"{_EU}file-type", kind, kind))
    return _access(release, f"{title} ({path})", {"dct:description": [Text(title, "en")], "dct:format": [format]})


def _access(release: Release, title: str, more: dict[str, list[Value]]) -> Node:
    licence = release.metadata.licence
    document = Node(("dct:LicenseDocument",), {"dct:title": [Text(licence.title)]}, licence.eu or licence.url)
    rights: dict[str, list[Value]] = {"rdfs:label": [Text(f"{licence.title} ({licence.spdx})")]}
    said: dict[str, list[Value]] = {
        "dct:title": [Text(title)],
        "dcat:accessURL": [Node(("rdfs:Resource",), {}, landing_page(release))],
        "dcatap:applicableLegislation": [_legislation()],
        "dcatap:availability": [concept(f"{_EU}planned-availability", "STABLE", "stable")],
        "dct:license": [document],
        "dct:rights": [Node(("dct:RightsStatement",), rights)],
    }
    return Node(("dcat:Distribution",), said | more)


def _variables(release: Release) -> Node:
    tables: list[Value] = [
        Node(
            ("csvw:Table",),
            {
                "dct:title": [Text(table.title or table.name)],
                "dct:description": several(Text(table.description) if table.description else None),
                "csvw:column": [_variable(column) for column in table.columns],
            },
        )
        for table in release.catalog.tables
    ]
    return Node(("csvw:TableGroup",), {"dct:title": [Text(release.metadata.title)], "csvw:table": tables})


def _variable(column: Column) -> Node:
    title = [Text(column.title or column.name)]
    said: dict[str, list[Value]] = {
        "csvw:name": [Text(column.name)],
        "csvw:title": [*title],
        "csvw:titles": [*title],
        "dct:description": [Text(column.description or column.title or column.name)],
        "csvw:datatype": [Text(_CSVW.get(column.type, column.type))],
    }
    return Node(("csvw:Column",), said)


def _agent(agent: Agent, *, publisher: bool = False, note: str | None = None) -> Node:
    kind = "foaf:Person" if agent.person else "foaf:Organization"
    said: dict[str, list[Value]] = {"foaf:name": [Text(agent.name)]}
    if agent.url:
        said["foaf:homepage"] = [Node(("foaf:Document",), {}, agent.url)]
    if agent.email:
        said["foaf:mbox"] = [Iri(f"mailto:{agent.email}")]
    if publisher or note:
        said["cv:contactPoint"] = [Node(("cv:ContactPoint",), {"cv:email": [Text(str(agent.email))]})]
    if publisher:
        kinds = concept(f"{_HEALTH}publisher-type", "researchInstitution", "Research institution")
        said["healthdcatap:publisherType"] = [kinds]
        said["healthdcatap:publisherNote"] = [Text("Publisher of this synthetic release.", "en")]
        said["healthdcatap:trustedDataHolder"] = [Text("false", datatype="xsd:boolean")]
    if note:
        said["dct:description"] = [Text(note, "en")]
    return Node(("foaf:Agent", kind), said)


def _contact(contact: Agent, publisher: Agent) -> Node:
    said: dict[str, list[Value]] = {
        "vcard:fn": [Text(contact.name)],
        "vcard:hasEmail": [Iri(f"mailto:{contact.email or publisher.email}")],
        "vcard:hasURL": [Iri(str(contact.url or publisher.url))],
    }
    return Node(("vcard:Kind",), said)


def _typed(kind: str, node: Node) -> Node:
    return Node((kind, *node.types), node.properties, node.iri)


def _language(code: str) -> Node:
    return _typed("dct:LinguisticSystem", concept(f"{_EU}language", LANGUAGES[code], code))


def _legislation() -> Node:
    title = Text("Regulation (EU) 2025/327 on the European Health Data Space", "en")
    return Node(("eli:LegalResource",), {"dct:title": [title]}, _EHDS.value)


def _place(place: Place) -> Node:
    if place.uri is None:
        return Node(("dct:Location",), {"skos:prefLabel": [Text(place.name)]})
    base, code = place.uri.rsplit("/", 1)
    return _typed("dct:Location", concept(base, code, place.name))


def _issued(release: Release) -> list[Value]:
    return [] if release.created == UNDATED else [_day(release.created.strftime("%Y-%m-%d"))]


def _day(text: str) -> Text:
    return Text(text, datatype="xsd:date")


def _translated(text: str, french: str | None, language: str) -> list[Value]:
    said: list[Value] = [Text(text, language)]
    return [*said, Text(french, "fr")] if french and language != "fr" else said


def _flattened(node: Node) -> tuple[Node, ...]:
    """Named nodes lifted out of the tree, each told once, in the order met."""
    named: dict[str, Node] = {}

    def visit(value: Value) -> Value:
        if not isinstance(value, Node):
            return value
        if value.iri is not None and value.iri in named:
            return Iri(value.iri)
        if value.iri is not None:
            named[value.iri] = value
        flat = Node(
            value.types, {name: [visit(item) for item in items] for name, items in value.properties.items()}, value.iri
        )
        if value.iri is None:
            return flat
        named[value.iri] = flat
        return Iri(value.iri)

    visit(node)
    return tuple(item for item in named.values() if item.types or item.properties)
