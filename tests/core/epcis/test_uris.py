from hypothesis import given
from hypothesis import strategies as st

from b2b.core.epcis import uris
from b2b.core.gs1 import with_check_digit

COMPANIES = st.integers(6, 12)
LOTS = st.text(st.characters(codec="ascii", exclude_categories=("C",)), min_size=1, max_size=20)


@given(st.data(), COMPANIES)
def test_urns_and_links_of_one_thing_are_one(data: st.DataObject, length: int) -> None:
    digits = "".join(data.draw(st.lists(st.sampled_from("0123456789"), min_size=13, max_size=13)))
    gtin = with_check_digit(digits)
    company, reference = digits[1 : 1 + length], digits[0] + digits[1 + length :]
    urn = f"urn:epc:class:lgtin:{company}.{reference}.L7"
    assert uris.canonical(urn) == uris.lot(gtin, "L7")
    assert uris.canonical(f"urn:epc:id:sgtin:{company}.{reference}.S1") == uris.item(gtin, "S1")
    assert uris.canonical(f"urn:epc:idpat:sgtin:{company}.{reference}.*") == uris.trade_item(gtin)


@given(LOTS)
def test_canonical_is_idempotent(lot: str) -> None:
    made = uris.lot("4006381333931", lot)
    assert uris.canonical(made) == made


def test_links_of_other_domains_keep_the_finest_key_alone() -> None:
    link = "https://shop.example/en/01/4006381333931/10/L1?11=260101"
    assert uris.canonical(link) == "https://id.gs1.org/01/04006381333931/10/L1"
    assert uris.canonical("https://shop.example/gtin/4006381333931/lot/L1/ser/S2").endswith("/21/S2")


def test_what_is_no_gs1_key_stays() -> None:
    for text in (
        "https://example.com/01/none",
        "urn:epc:id:sscc:12.3",
        "urn:uuid:1",
        "urn:epc:id:sgln:1.2.3",
    ):
        assert uris.canonical(text) == text


def test_goods_without_a_gtin_have_a_private_name() -> None:
    assert uris.goods("", "A:1", "L/1") == "urn:midstream:class:A%3A1:L%2F1"
    assert uris.place("", "WH1", "A-01") == "urn:midstream:loc:WH1:A-01"
    assert uris.place("4006381333931", "WH1", "A/1") == "https://id.gs1.org/414/4006381333931/254/A%2F1"
