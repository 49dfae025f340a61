//! Is a document *sufficient* (everything there that its type needs) and *clean* (every value written as it should be)? Answered
//! from the values of the one document; what needs other documents, signatures or time is asked elsewhere.
//!
//! A signature says who wrote a value, not that it was written well. Nothing is mended here: signed bytes stay as they are.

use core::fmt;

use crate::label::Lang;
use crate::model::{DocumentType, ElementRef};

/// What a finding means for the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document serves; its owner should ask the issuer about it.
    Warn,
    /// The document is of no use as it is.
    Refuse,
}

macro_rules! codes {
    ($($name:ident $code:literal $severity:ident $vi:literal $en:literal)*) => {
        /// A stable code of a fault in the values of a document: Q2xx not sufficient, Q3xx not clean. A code is never changed and
        /// never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum QualityCode { $(#[doc = $en] $name),* }

        impl QualityCode {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What to tell the person: what is wrong and what to do.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }

            /// The most that the fault means: [`Severity::Refuse`] only where it stands in an element that the type requires.
            #[must_use]
            pub const fn worst(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),* }
            }
        }
    };
}

codes! {
    RequiredMissing "Q201" Refuse "Giấy tờ thiếu thông tin này nên không dùng được. Hãy đề nghị cơ quan cấp bổ sung và cấp lại." "The document lacks this, so it is of no use. Ask the issuer to add it and issue the document again."
    MandatoryMissing "Q202" Warn "Giấy tờ lẽ ra phải có thông tin này. Giấy tờ vẫn dùng được; hãy đề nghị cơ quan cấp bổ sung." "The document should have this. It can still be used; ask the issuer to add it."
    Empty "Q203" Refuse "Thông tin này để trống. Hãy đề nghị cơ quan cấp điền đủ và cấp lại." "This is empty. Ask the issuer to fill it in and issue the document again."

    NotNfc "Q301" Warn "Dấu tiếng Việt được ghi rời khỏi chữ nên máy khác có thể không nhận ra. Giấy tờ vẫn dùng được; hãy báo cho cơ quan cấp." "The accents are written apart from their letters, and other machines may not recognise the text. The document can still be used; tell the issuer."
    LookAlike "Q302" Warn "Có chữ trông giống nhưng không phải chữ tiếng Việt (như Ð thay cho Đ). Giấy tờ vẫn dùng được; hãy đề nghị cơ quan cấp sửa." "A letter only looks like a Vietnamese one (such as Ð for Đ). The document can still be used; ask the issuer to correct it."
    Spaces "Q303" Warn "Có khoảng trắng thừa hoặc lạ. Giấy tờ vẫn dùng được; hãy đề nghị cơ quan cấp sửa." "There are spaces too many or of an unusual kind. The document can still be used; ask the issuer to correct it."
    Invisible "Q304" Warn "Có ký tự ẩn hoặc không đọc được. Hãy xem kỹ trước khi tin, và đề nghị cơ quan cấp sửa." "There are hidden or unreadable characters. Look closely before you rely on it, and ask the issuer to correct it."
    NumberFormat "Q305" Refuse "Số hoặc mã này sai định dạng. Hãy đề nghị cơ quan cấp kiểm tra và cấp lại." "This number or code is not in its format. Ask the issuer to check it and issue the document again."
    DateFormat "Q306" Refuse "Ngày không được ghi theo định dạng của giấy tờ điện tử. Hãy đề nghị cơ quan cấp sửa và cấp lại." "The date is not written as electronic documents write dates. Ask the issuer to correct it and issue the document again."
    DateImpossible "Q307" Refuse "Không có ngày này trong lịch. Hãy đề nghị cơ quan cấp sửa và cấp lại." "There is no such day. Ask the issuer to correct it and issue the document again."
    DateOrder "Q308" Refuse "Hai ngày này trái thứ tự. Hãy đề nghị cơ quan cấp kiểm tra và cấp lại." "These two dates are in the wrong order. Ask the issuer to check them and issue the document again."
    NotInList "Q309" Refuse "Giá trị không có trong danh mục. Hãy đề nghị cơ quan cấp kiểm tra và cấp lại." "The value is not one of its list. Ask the issuer to check it and issue the document again."
    WrongKind "Q310" Refuse "Dữ liệu sai kiểu nên không đọc được đúng nghĩa. Hãy đề nghị cơ quan cấp sửa và cấp lại." "The data is of the wrong kind and cannot be read as what it is meant to be. Ask the issuer to correct it and issue the document again."
    TooLong "Q311" Warn "Dài hơn mức cho phép nên có thể bị cắt khi hiển thị. Giấy tờ vẫn dùng được; hãy báo cho cơ quan cấp." "This is longer than allowed and may be cut on a screen. The document can still be used; tell the issuer."
    NumberBirthYear "Q312" Warn "Năm sinh trong số định danh khác với ngày sinh trên giấy tờ. Giấy tờ vẫn dùng được; hãy hỏi cơ quan cấp nếu có sai sót." "The birth year in the personal number differs from the date of birth on the document. The document can still be used; ask the issuer if this is a mistake."
    NumberSex "Q313" Warn "Giới tính trong số định danh khác với giới tính trên giấy tờ. Giấy tờ vẫn dùng được; hãy hỏi cơ quan cấp nếu có sai sót." "The sex in the personal number differs from the sex on the document. The document can still be used; ask the issuer if this is a mistake."
    NumberCentury "Q314" Warn "Thế kỷ sinh trong số định danh khác với ngày sinh trên giấy tờ. Giấy tờ vẫn dùng được; hãy hỏi cơ quan cấp nếu có sai sót." "The century of birth in the personal number differs from the date of birth on the document. The document can still be used; ask the issuer if this is a mistake."
    UnknownElement "Q315" Warn "Giấy tờ có thông tin mà loại giấy tờ này không quy định. Ví giữ nguyên và không tự đưa ra; hãy báo cho cơ quan cấp." "The document has something that its type does not define. The wallet keeps it and never offers it by itself; tell the issuer."
    UnknownNamespace "Q316" Warn "Giấy tờ có nhóm thông tin không thuộc loại giấy tờ này. Ví giữ nguyên và không tự đưa ra; hãy báo cho cơ quan cấp." "The document has a group of data that does not belong to its type. The wallet keeps it and never offers it by itself; tell the issuer."
    NotLatin1 "Q317" Warn "Mục viết không dấu lại có chữ mà máy đọc nước ngoài không đọc được. Giấy tờ vẫn dùng được; hãy báo cho cơ quan cấp." "A part meant for readers abroad has letters they cannot read. The document can still be used; tell the issuer."
    NotAnImage "Q318" Refuse "Ảnh hoặc mẫu sinh trắc học bị hỏng hoặc sai định dạng. Hãy đề nghị cơ quan cấp gửi lại." "The picture or biometric template is damaged or in another format. Ask the issuer to send it again."
    SaysTwoThings "Q319" Warn "Hai mục của giấy tờ nói khác nhau về cùng một điều. Hãy đề nghị cơ quan cấp kiểm tra." "Two parts of the document say different things about the same fact. Ask the issuer to check."
    ForeignNamespace "Q320" Warn "Giấy tờ có nhóm thông tin riêng của một nước khác nước cấp. Hãy báo cho cơ quan cấp." "The document has a group of data of a country other than the one that issued it. Tell the issuer."
    ValidTooLong "Q321" Warn "Thời hạn ghi dài hơn thời hạn mà luật cho phép. Giấy tờ vẫn dùng được; hãy hỏi cơ quan cấp." "The validity is longer than the law gives. The document can still be used; ask the issuer."
    TooMany "Q322" Warn "Có nhiều mục hơn mức ví đọc hết được. Giấy tờ vẫn dùng được; hãy báo cho cơ quan cấp." "There are more entries than the wallet reads. The document can still be used; tell the issuer."
    DateUntagged "Q323" Warn "Ngày đúng nhưng không được đánh dấu là ngày nên máy khác có thể không nhận. Giấy tờ vẫn dùng được; hãy báo cho cơ quan cấp." "The date is right but not marked as a date, and other machines may refuse it. The document can still be used; tell the issuer."
    AgesDisagree "Q324" Warn "Các mục về tuổi nói khác nhau. Hãy đề nghị cơ quan cấp kiểm tra." "The parts about age contradict each other. Ask the issuer to check."
}

impl QualityCode {
    /// The code of this text.
    #[must_use]
    pub fn from_code(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

impl fmt::Display for QualityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong with the values of a document: what and where, never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: QualityCode,
    /// What it means for this document.
    pub severity: Severity,
    /// The element; its identifier is empty if the namespace as a whole is meant.
    pub at: ElementRef,
    /// Where inside the element, such as `0 / expiry_date`; empty for the element itself.
    pub inside: String,
    /// The other element, where two do not fit each other.
    pub other: Option<ElementRef>,
}

impl Finding {
    /// The sentence for a person, with what is meant: "Date of birth: There is no such day. …".
    #[must_use]
    pub fn text(&self, ty: &DocumentType, lang: Lang) -> String {
        let label = |at: &ElementRef| {
            if at.element.is_empty() {
                at.namespace.clone()
            } else {
                ty.label(&at.namespace, &at.element, lang).into_owned()
            }
        };
        let mut what = label(&self.at);
        if let Some(other) = &self.other {
            what = format!("{}, {what}", label(other));
        }
        format!("{what}: {}", self.code.text(lang))
    }
}
