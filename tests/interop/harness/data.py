"""What is issued and asked for: a driving licence of twenty-seven elements, and a second document beside it."""

from . import pki

MDL = "org.iso.18013.5.1.mDL"
NAMESPACE = "org.iso.18013.5.1"
DATA = {
    "docType": MDL,
    "namespaces": {
        NAMESPACE: {
            "family_name": "Nguyen",
            "given_name": "Thi An",
            "birth_date": {"date": "1990-01-31"},
            "issue_date": {"date": "2025-03-01"},
            "expiry_date": {"date": "2035-02-28"},
            "issuing_country": "VN",
            "issuing_authority": "Cuc Canh sat giao thong",
            "document_number": "790123456789",
            # Enough of a JPEG to be one by its first bytes, and long enough for a two-byte length.
            "portrait": {"bytes": pki.b64(bytes.fromhex("ffd8ffe000104a4649460001") + bytes(range(256)) * 5)},
            "driving_privileges": [
                {
                    "vehicle_category_code": "A",
                    "issue_date": {"date": "2015-06-01"},
                    "expiry_date": {"date": "2035-02-28"},
                }
            ],
            "un_distinguishing_sign": "VN",
            "age_over_18": True,
            "height": 162,
            "weight": 50,
            "sex": 2,
            "eye_colour": "brown",
            "hair_colour": "black",
            "birth_place": "Hue",
            "nationality": "VN",
            "resident_address": "12 Le Loi",
            "resident_city": "Hue",
            "resident_postal_code": "49000",
            "resident_country": "VN",
            "administrative_number": "AB-12",
            "portrait_capture_date": {"tdate": "2025-02-20T08:30:00Z"},
            "family_name_national_character": "Nguyễn",
            "given_name_national_character": "Thị An",
        }
    },
}
ASK = {
    MDL: {
        NAMESPACE: {
            "family_name": False,
            "birth_date": False,
            "portrait": True,
            "driving_privileges": False,
            "portrait_capture_date": True,
            "age_over_18": False,
            "family_name_national_character": False,
        }
    }
}
# A second document beside the licence, of a type that no peer knows.
CARD = "vn.gov.example.card.1"
CARD_DATA = {"docType": CARD, "namespaces": {CARD: {"full_name": "Nguyễn Thị An", "sex": 2, "since": {"date": "2021-05-04"}}}}
CARD_ASK = {CARD: {CARD: {"full_name": False, "since": True}}}
CARD_EXPECTED = {CARD: {name: CARD_DATA["namespaces"][CARD][name] for name in CARD_ASK[CARD][CARD]}}
EXPECTED = {NAMESPACE: {name: DATA["namespaces"][NAMESPACE][name] for name in ASK[MDL][NAMESPACE]}}
