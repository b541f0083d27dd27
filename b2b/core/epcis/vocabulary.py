"""The words of the Core Business Vocabulary 2.0 that may stand bare in JSON, and where they expand to."""

from __future__ import annotations

from typing import Final

ROOT: Final = "https://ref.gs1.org/cbv"
CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
SCHEMA_VERSION: Final = "2.0"


def words(text: str) -> list[str]:
    """Split a list of words."""
    return text.split()


STEPS: Final = frozenset(
    words(
        "accepting arriving assembling collecting commissioning consigning creating_class_instance "
        "cycle_counting decommissioning departing destroying disassembling dispensing encoding "
        "entering_exiting holding inspecting installing killing loading other packing picking receiving "
        "removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting "
        "shipping staging_outbound stock_taking stocking storing transporting unloading unpacking "
        "void_shipping"
    )
)
DISPOSITIONS: Final = frozenset(
    words(
        "active available completeness_inferred completeness_verified conformant container_closed "
        "container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive "
        "mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match "
        "non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned "
        "sellable_accessible sellable_not_accessible stolen unavailable unknown"
    )
)
TRANSACTIONS: Final = frozenset(
    words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")
)
PARTIES: Final = frozenset(("owning_party", "possessing_party", "location"))
REASONS: Final = frozenset(("did_not_occur", "incorrect_data"))
ACTIONS: Final = frozenset(("ADD", "OBSERVE", "DELETE"))

# Member -> (its bare words, what they expand with).
BARE: Final[dict[str, tuple[frozenset[str], str]]] = {
    "bizStep": (STEPS, f"{ROOT}/BizStep-"),
    "disposition": (DISPOSITIONS, f"{ROOT}/Disp-"),
    "set": (DISPOSITIONS, f"{ROOT}/Disp-"),
    "unset": (DISPOSITIONS, f"{ROOT}/Disp-"),
    "bizTransaction": (TRANSACTIONS, f"{ROOT}/BTT-"),
    "source": (PARTIES, f"{ROOT}/SDT-"),
    "destination": (PARTIES, f"{ROOT}/SDT-"),
}
_URNS: Final = {
    "urn:epcglobal:cbv:bizstep:": f"{ROOT}/BizStep-",
    "urn:epcglobal:cbv:disp:": f"{ROOT}/Disp-",
    "urn:epcglobal:cbv:btt:": f"{ROOT}/BTT-",
    "urn:epcglobal:cbv:sdt:": f"{ROOT}/SDT-",
    "urn:epcglobal:cbv:er:": f"{ROOT}/ER-",
}
_CURIES: Final = {"cbv:": f"{ROOT}/", "gs1:": "https://gs1.org/voc/", "epcis:": "https://ref.gs1.org/epcis/"}


def expand(member: str, word: str) -> str:
    """Return the web URI of a word of the vocabulary; other URIs as they are."""
    words, prefix = BARE.get(member, (frozenset(), ""))
    if word in words:
        return prefix + word
    for urn, web in (*_URNS.items(), *_CURIES.items()):
        if word.startswith(urn):
            return web + word[len(urn) :]
    return word


def bare(member: str, word: str) -> str:
    """Return the bare word of a web URI or URN of the vocabulary, as JSON writes it; other URIs as they are."""
    words, prefix = BARE[member]
    full = expand(member, word)
    short = full.removeprefix(prefix)
    return short if short in words else word
