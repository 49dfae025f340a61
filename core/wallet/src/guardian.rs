//! Documents of a child or ward that a guardian holds, and the credential that says so (DOMAIN: Decree 69/2024, art. 14).

use crate::record::{COPY, DocumentRecord};
use crate::{DocumentId, DocumentState, Wallet, WalletError, words};
use core::fmt;
use idwallet_crypto::{Date, Timestamp};
use idwallet_documents::{ComparableValue, ElementValue, FactId, Label, Lang, PersonRole};
use idwallet_mdoc::IssuerSigned;

/// The document type of guardianship and representation.
pub const GUARDIANSHIP: &str = "vn.guardianship.1";

/// Most characters of a label.
const MAX_LABEL: usize = 40;

/// Whose a document is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The wallet owner's own.
    #[default]
    Owner,
    /// Somebody's for whom the owner acts.
    Ward(Ward),
}

impl Subject {
    /// Whether it is somebody else's.
    #[must_use]
    pub const fn is_ward(&self) -> bool {
        matches!(self, Self::Ward(_))
    }

    /// Who it is, if not the owner.
    #[must_use]
    pub const fn ward(&self) -> Option<&Ward> {
        match self {
            Self::Owner => None,
            Self::Ward(ward) => Some(ward),
        }
    }
}

/// Somebody for whom the wallet's owner acts.
#[derive(Clone, PartialEq, Eq)]
pub struct Ward {
    relation: Relation,
    label: Option<String>,
}

impl Ward {
    /// Somebody who stands in this relation to the owner.
    #[must_use]
    pub const fn new(relation: Relation) -> Self {
        Self { relation, label: None }
    }

    /// What the owner calls that person, to tell two children apart; cut at 40 characters.
    #[must_use]
    pub fn called(mut self, label: &str) -> Self {
        let label: String = words::plain(label.trim()).chars().take(MAX_LABEL).collect();
        self.label = (!label.is_empty()).then_some(label);
        self
    }

    /// Who it is to the owner.
    #[must_use]
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// What the owner calls that person.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Whose the document is, as words for a list: "your child's (Na)".
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let of = self.relation.of(lang);
        match &self.label {
            Some(label) => format!("{of} ({label})"),
            None => of.to_owned(),
        }
    }
}

impl fmt::Debug for Ward {
    /// The relation, and not what the person is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ward({:?})", self.relation)
    }
}

/// What somebody is to the wallet's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Relation {
    /// The owner's child.
    Child,
    /// Under the owner's guardianship.
    Ward,
    /// Represented by the owner.
    Represented,
}

impl Relation {
    /// Every relation there is.
    pub const ALL: &[Self] = &[Self::Child, Self::Ward, Self::Represented];

    /// The word in reports: `child`, `ward`, `represented`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Ward => "ward",
            Self::Represented => "represented",
        }
    }

    /// The relation with that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|relation| relation.as_str() == word)
    }

    /// Who it is, as a word: "child".
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Child, Lang::Vi) => "con",
            (Self::Child, Lang::En) => "child",
            (Self::Ward, Lang::Vi) => "người được giám hộ",
            (Self::Ward, Lang::En) => "ward",
            (Self::Represented, Lang::Vi) => "người được đại diện",
            (Self::Represented, Lang::En) => "person represented",
        }
    }

    /// Whose a document is: "your child's".
    pub(crate) const fn of(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Child, Lang::Vi) => "giấy tờ của con bạn",
            (Self::Child, Lang::En) => "your child's document",
            (Self::Ward, Lang::Vi) => "giấy tờ của người bạn giám hộ",
            (Self::Ward, Lang::En) => "the document of your ward",
            (Self::Represented, Lang::Vi) => "giấy tờ của người bạn đại diện",
            (Self::Represented, Lang::En) => "the document of a person you represent",
        }
    }

    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Child => 1,
            Self::Ward => 2,
            Self::Represented => 3,
        }
    }

    /// Of a number that only a later version knows: somebody else's in any case.
    pub(crate) const fn from_number(number: u64) -> Self {
        match number {
            1 => Self::Child,
            3 => Self::Represented,
            _ => Self::Ward,
        }
    }
}

/// What the wallet asks for before a ward's document is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GuardianPolicy {
    /// Nothing: what authorises the owner is shown, if it is in the wallet.
    Inform,
    /// What authorises the owner must not be over. It need not be in the wallet: a parent's is the birth certificate on paper.
    #[default]
    NotExpired,
    /// What authorises the owner must be in the wallet and hold.
    Required,
}

impl GuardianPolicy {
    /// Whether a document may be shown on the strength of this.
    pub(crate) fn lets(self, authority: Option<&Authority>) -> bool {
        match (self, authority) {
            (Self::Inform, _) | (Self::NotExpired, None) => true,
            (Self::Required, None) => false,
            (Self::NotExpired | Self::Required, Some(authority)) => authority.holds,
        }
    }
}

/// A credential of guardianship or representation that is about the subject of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authority {
    /// Which document.
    pub document: DocumentId,
    /// The relation it states: the issuer's word for it.
    pub relation: Label,
    /// The last day on which the authority holds, where the credential names one.
    pub until: Option<Date>,
    /// Whether it holds now: the credential does, and its own days include today.
    pub holds: bool,
}

impl Authority {
    /// What to tell the owner: "Authorised until 31/05/2036."
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match (self.holds, self.until, lang) {
            (false, _, Lang::Vi) => "Giấy xác nhận giám hộ, đại diện không còn hiệu lực hoặc chưa có hiệu lực.".into(),
            (false, _, Lang::En) => {
                "The credential of guardianship or representation does not hold any more, or yet.".into()
            }
            (true, Some(until), Lang::Vi) => {
                format!(
                    "Bạn được thay mặt đến hết ngày {:02}/{:02}/{}.",
                    until.day(),
                    until.month(),
                    until.year()
                )
            }
            (true, Some(until), Lang::En) => format!("You are authorised until {until}."),
            (true, None, Lang::Vi) => "Bạn được thay mặt, không ghi ngày hết hạn.".into(),
            (true, None, Lang::En) => "You are authorised, with no date of end.".into(),
        }
    }
}

/// A credential of guardianship, as far as it is compared with the documents of wards.
struct Guardianship {
    ward: ComparableValue,
    authority: Authority,
}

impl Wallet {
    /// Asks for this before a ward's document is shown.
    #[must_use]
    pub fn with_guardian_policy(self, policy: GuardianPolicy) -> Self {
        self.set_guardian_policy(policy);
        self
    }

    /// What it asks before a ward's document is shown.
    #[must_use]
    pub fn guardian_policy(&self) -> GuardianPolicy {
        self.policies().guardian
    }

    /// The same of a wallet that is shared already.
    pub fn set_guardian_policy(&self, policy: GuardianPolicy) {
        self.change_policies(|policies| policies.guardian = policy);
    }

    /// The credential that authorises the owner to act for the person whose document this is: its ward has the same personal number.
    /// One that holds goes before one that does not.
    pub(crate) fn authority(
        &self,
        record: &DocumentRecord,
        issuer_signed: &IssuerSigned<'_>,
        now: Timestamp,
    ) -> Result<Option<Authority>, WalletError> {
        if !record.subject.is_ward() {
            return Ok(None);
        }
        let Some(number) = self.number_of(&record.doc_type, issuer_signed, None) else {
            return Ok(None);
        };
        let mut found: Option<Authority> = None;
        for id in self.documents_of_type(GUARDIANSHIP)? {
            let Some(guardianship) = self.guardianship(id, now) else {
                continue;
            };
            if guardianship.ward == number && !found.as_ref().is_some_and(|found| found.holds) {
                found = Some(guardianship.authority);
            }
        }
        Ok(found)
    }

    /// The personal number of the person whose document it is, or of the one with a role in it.
    fn number_of(
        &self,
        doc_type: &str,
        issuer_signed: &IssuerSigned<'_>,
        role: Option<PersonRole>,
    ) -> Option<ComparableValue> {
        let kind = self.registry.find(doc_type)?;
        let people = kind.people(|name_space, element| words::value_of(issuer_signed, name_space, element));
        let is_it = |person: &&idwallet_documents::Person<'_>| role.map_or(person.owner, |role| person.role == role);
        people
            .iter()
            .find(is_it)
            .and_then(|person| person.fact(FactId::PersonalNumber).cloned())
    }

    /// One that cannot be read authorises nothing.
    fn guardianship(&self, id: DocumentId, now: Timestamp) -> Option<Guardianship> {
        let record = self.document(id).ok()?;
        let copy = record
            .copies_to_show(now)
            .first()
            .copied()
            .or(record.copies.first())?
            .id;
        let stored = self.vault.read(COPY, copy).ok()?;
        let issuer_signed = IssuerSigned::parse(stored.data().expose()).ok()?;
        let ward = self.number_of(GUARDIANSHIP, &issuer_signed, Some(PersonRole::Ward))?;
        let date = |element: &str| {
            let value = words::value_of(&issuer_signed, GUARDIANSHIP, element)?;
            value.date()
        };
        let (from, until, today) = (date("valid_from"), date("valid_to"), now.date());
        let holds = record.state(now) == DocumentState::Active
            && from.is_none_or(|from| from <= today)
            && until.is_none_or(|until| today <= until);
        let kind = self.registry.find(GUARDIANSHIP);
        let relation = words::value_of(&issuer_signed, GUARDIANSHIP, "relation");
        let text = |lang| {
            relation
                .as_ref()
                .map_or_else(String::new, |value| relation_text(kind, value, lang))
        };
        Some(Guardianship {
            ward,
            authority: Authority {
                document: id,
                relation: Label::new(text(Lang::Vi), text(Lang::En)),
                until,
                holds,
            },
        })
    }
}

fn relation_text(kind: Option<&idwallet_documents::DocumentType>, value: &ElementValue, lang: Lang) -> String {
    kind.map_or_else(String::new, |kind| kind.display(GUARDIANSHIP, "relation", value, lang))
}
