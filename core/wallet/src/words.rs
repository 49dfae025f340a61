//! What a person reads, from the document types.

use crate::Shown;
use idwallet_cose::cbor::Item;
use idwallet_crypto::x509::PathError;
pub(crate) use idwallet_documents::plain;
use idwallet_documents::{
    CodeValue, DocumentType, ElementValue, Label, Lang, PersonalNumber, Sensitivity, ValueKind, visible,
};
use idwallet_mdoc::IssuerSigned;
use idwallet_mdoc::reader_auth::InvalidReaderAuth;

type Kind<'t> = Option<&'t DocumentType>;

fn both(text: impl Fn(Lang) -> String) -> Label {
    Label::new(text(Lang::Vi), text(Lang::En))
}

pub(crate) fn title(kind: Kind<'_>, doc_type: &str) -> Label {
    both(|lang| kind.map_or_else(|| plain(doc_type), |k| k.title(lang).to_owned()))
}

pub(crate) fn label(kind: Kind<'_>, name_space: &str, element: &str) -> Label {
    match kind.filter(|k| k.field(name_space, element).is_some()) {
        Some(kind) => both(|lang| kind.label(name_space, element, lang).into_owned()),
        None => both(|_| plain(element)),
    }
}

/// A name that no type file knows.
pub(crate) fn unknown(name: &str) -> Label {
    both(|_| plain(name))
}

pub(crate) fn sensitivity(kind: Kind<'_>, name_space: &str, element: &str) -> Sensitivity {
    kind.map_or(Sensitivity::VerySensitive, |k| k.sensitivity(name_space, element))
}

/// What codes in the value mean in this document: the classes of a licence under the law that it names, the parts of a number.
pub(crate) fn meanings(
    kind: Kind<'_>,
    issuer_signed: &IssuerSigned<'_>,
    name_space: &str,
    element: &str,
) -> Vec<Shown> {
    let Some(kind) = kind else { return Vec::new() };
    let value = |name_space: &str, element: &str| value_of(issuer_signed, name_space, element);
    let codes = kind.meanings(name_space, element, value).into_iter().map(|code| {
        let name = match &code.value {
            CodeValue::Text(text) => text.clone(),
            CodeValue::Uint(number) => number.to_string(),
        };
        let text = |lang| {
            let meaning = code.label.text(lang);
            match (code.years, lang) {
                (None, _) => format!("{name}: {meaning}"),
                (Some(years), Lang::Vi) => format!("{name}: {meaning} (cấp tối đa {years} năm)"),
                (Some(years), Lang::En) => format!("{name}: {meaning} (given for {years} years at most)"),
            }
        };
        Shown::new(text(Lang::Vi), text(Lang::En))
    });
    let number = value(name_space, element);
    let parts = number.as_ref().and_then(ElementValue::text);
    let parts = parts
        .map(|text| kind.parts(name_space, element, text))
        .unwrap_or_default();
    let parts = parts.into_iter().map(|(label, meaning)| {
        let text = |lang| format!("{}: {}", label.text(lang), meaning.text(lang));
        Shown::new(text(Lang::Vi), text(Lang::En))
    });
    codes.chain(parts).collect()
}

/// What the element gives away whatever is shared beside it.
pub(crate) fn gives_away(kind: Kind<'_>, name_space: &str, element: &str) -> Vec<Label> {
    let Some(kind) = kind else { return Vec::new() };
    let shared = [(name_space, element)];
    let given = kind.gives_away(&shared);
    given
        .into_iter()
        .flat_map(|(_, facts)| facts)
        .map(|fact| fact.label.clone())
        .collect()
}

/// The ids of the facts that the element gives away, in the order of [`gives_away`].
pub(crate) fn reveals(kind: Kind<'_>, name_space: &str, element: &str) -> Vec<String> {
    let Some(kind) = kind else { return Vec::new() };
    let shared = [(name_space, element)];
    let given = kind.gives_away(&shared);
    given
        .into_iter()
        .flat_map(|(_, facts)| facts)
        .map(|fact| fact.id.clone())
        .collect()
}

/// Which of the sentences of [`gives_away_in_words`] tells this fact: those of [`PersonalNumber::reveals`].
pub(crate) fn sentence_of(fact: &str) -> Option<usize> {
    ["birth_year", "sex", "birth_province"]
        .iter()
        .position(|known| *known == fact)
}

/// The ids of the facts that the element states openly.
pub(crate) fn states(kind: Kind<'_>, name_space: &str, element: &str) -> Vec<String> {
    let field = kind.and_then(|kind| kind.field(name_space, element));
    field.map(|field| field.states.clone()).unwrap_or_default()
}

/// The same with the values, where the value tells them: a personal number.
pub(crate) fn gives_away_in_words(kind: Kind<'_>, name_space: &str, element: &str, value: Item<'_>) -> Vec<Shown> {
    if !kind.is_some_and(|k| k.holds_personal_number(name_space, element)) {
        return Vec::new();
    }
    let Ok(number) = value.decode(|d| d.text()) else {
        return Vec::new();
    };
    let sentences = |lang| PersonalNumber::parse(number).ok().and_then(|n| n.reveals(lang).ok());
    match (sentences(Lang::Vi), sentences(Lang::En)) {
        (Some(vi), Some(en)) => vi.into_iter().zip(en).map(|(vi, en)| Shown::new(vi, en)).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn is_image(kind: Kind<'_>, name_space: &str, element: &str) -> bool {
    let field = kind.and_then(|k| k.field(name_space, element));
    field.is_some_and(|f| f.kind == ValueKind::Image)
}

/// A value of a document, typed.
pub(crate) fn value_of(issuer_signed: &IssuerSigned<'_>, name_space: &str, element: &str) -> Option<ElementValue> {
    element_value(issuer_signed.item(name_space, element)?.element_value())
}

pub(crate) fn element_value(value: Item<'_>) -> Option<ElementValue> {
    ElementValue::from_cbor(&value.to_value().ok()?)
}

pub(crate) fn shown(kind: Kind<'_>, name_space: &str, element: &str, value: Item<'_>) -> Shown {
    idwallet_documents::shown(kind, name_space, element, value).into()
}

/// What a list row shows.
pub(crate) fn summary(kind: Kind<'_>, issuer_signed: &IssuerSigned<'_>) -> Shown {
    let Some(kind) = kind else { return Shown::new("", "") };
    let text = |lang| {
        let value = |name_space: &str, element: &str| value_of(issuer_signed, name_space, element);
        visible(&kind.summary_text(value, lang))
    };
    Shown::new(text(Lang::Vi), text(Lang::En))
}

/// Why a reader's proof of who it is does not hold, for a person.
pub(crate) const fn reader_invalid(reason: &InvalidReaderAuth) -> &'static str {
    match reason {
        InvalidReaderAuth::NoCertificate => "không có chứng thư nào kèm theo",
        InvalidReaderAuth::MalformedCertificate => "chứng thư của họ bị hỏng",
        InvalidReaderAuth::Signature => "chữ ký không khớp với yêu cầu trong phiên này",
        _ => "chữ ký không đúng quy cách",
    }
}

/// Why nobody vouches for a reader, for a person.
pub(crate) const fn reader_untrusted(reason: &PathError) -> &'static str {
    match reason {
        PathError::SelfSignedLeaf => "họ tự cấp chứng thư cho mình",
        PathError::NoAnchor { .. } => "ví không biết tổ chức nào đã cấp chứng thư cho họ",
        PathError::NotYetValid { .. } => "chứng thư của họ chưa có hiệu lực",
        PathError::Expired { .. } => "chứng thư của họ đã hết hạn",
        PathError::Revoked { .. } => "chứng thư của họ đã bị thu hồi",
        _ => "chứng thư của họ không đúng quy định",
    }
}
