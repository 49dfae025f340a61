//! Every finding about a document with its sentence in both languages. A code is never changed and never used again.

use super::{Aspect, Severity};
use core::fmt;
use idwallet_documents::{Lang, QualityCode};

macro_rules! findings {
    ($($name:ident $code:literal $aspect:ident $severity:ident $vi:literal $en:literal)*) => {
        /// A stable code of something about a document: for an app to react on, for a person to read over the telephone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum FindingCode {
            $(#[doc = $en] $name,)*
            /// About the values of the document by themselves: Q2xx and Q3xx of the document types.
            Value(QualityCode),
        }

        impl FindingCode {
            /// Every code there is.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$name),*].into_iter().chain(QualityCode::ALL.iter().copied().map(Self::Value))
            }

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* Self::Value(code) => code.as_str() }
            }

            /// Which of the four it is about.
            #[must_use]
            pub const fn aspect(self) -> Aspect {
                match self {
                    $(Self::$name => Aspect::$aspect,)*
                    Self::Value(code) => match code.as_str().as_bytes() {
                        [_, b'2', ..] => Aspect::Sufficient,
                        _ => Aspect::Clean,
                    },
                }
            }

            /// What it leads to, unless a policy says otherwise.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                    Self::Value(code) => severity_of(code.worst()),
                }
            }

            /// What to tell the person: what is so and what to do.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en,)*
                    (Self::Value(code), lang) => code.text(lang),
                }
            }
        }
    };
}

impl FindingCode {
    /// The code with this text.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|known| known.as_str() == code)
    }
}

pub(super) const fn severity_of(severity: idwallet_documents::Severity) -> Severity {
    match severity {
        idwallet_documents::Severity::Warn => Severity::Warn,
        idwallet_documents::Severity::Refuse => Severity::Refuse,
    }
}

findings! {
    Unreadable "Q101" Correct Refuse "Không đọc được nội dung đã ký của giấy tờ. Đừng dùng; hãy xin cấp lại." "The signed content of the document cannot be read. Do not use it; ask for it to be issued again."
    SignatureWrong "Q102" Correct Refuse "Chữ ký của cơ quan cấp không đúng với giấy tờ này. Đừng dùng; hãy xin cấp lại và báo cho cơ quan cấp." "The issuer's signature is not right for this document. Do not use it; ask for it to be issued again and tell its issuer."
    ElementAltered "Q103" Correct Refuse "Có mục trong giấy tờ khác với lúc cơ quan cấp ký. Đừng dùng; hãy xin cấp lại và báo cho cơ quan cấp." "Something in the document is not as its issuer signed it. Do not use it; ask for it to be issued again and tell its issuer."
    SignerUntrusted "Q104" Correct Refuse "Giấy tờ không do cơ quan mà ví tin cậy ký. Hãy cập nhật danh sách cơ quan tin cậy; nếu vẫn vậy thì đừng dùng." "Nobody the wallet trusts vouches for who signed the document. Update the list of trusted issuers; if that does not help, do not use the document."
    SignerRevoked "Q105" Correct Refuse "Chứng thư của cơ quan ký giấy tờ đã bị thu hồi. Hãy xin cấp lại." "The certificate of whoever signed the document was revoked. Ask for the document to be issued again."
    AgainstTheRules "Q106" Correct Refuse "Giấy tờ không theo đúng quy tắc của loại giấy tờ điện tử này. Hãy báo cho cơ quan cấp." "The document does not keep the rules for documents of this kind. Tell its issuer."
    OtherThanRecorded "Q107" Correct Refuse "Giấy tờ trong kho không khớp với những gì ví đã ghi khi nhập. Đừng dùng; hãy xin cấp lại." "The document in the vault is not what the wallet noted when it was imported. Do not use it; ask for it to be issued again."
    LetPass "Q108" Correct Warn "Giấy tờ lệch chuẩn một chút nhưng vẫn dùng được. Nếu nơi nào từ chối, hãy báo cho cơ quan cấp." "The document departs from the standard in a small way and can be used. If somebody refuses it, tell its issuer."

    TypeUnknown "Q251" Sufficient Warn "Ví chưa biết loại giấy tờ này nên không kiểm tra được đủ mục hay không. Giấy tờ vẫn dùng được; hãy cập nhật ứng dụng." "The wallet does not know this kind of document and cannot tell whether it is complete. It can be used; update the app."

    Duplicate "Q351" Clean Warn "Trong ví có hai bản của cùng một giấy tờ. Bạn có thể xóa bớt một bản." "The wallet has this very document twice. You can remove one of them."
    Superseded "Q352" Clean Warn "Đã có bản mới hơn của giấy tờ này trong ví, và bản mới được dùng thay. Bạn có thể xóa bản cũ." "There is a newer one of this document in the wallet, which is used instead. You can remove this one."
    Supersedes "Q353" Clean Warn "Bản này thay cho bản cũ hơn trong ví. Bạn có thể xóa bản cũ." "This one replaces an older one in the wallet. You can remove the older one."
    Contradicted "Q354" Clean Warn "Thông tin này khác với một giấy tờ khác của cùng một người, có căn cứ hơn. Nếu giấy tờ này sai, hãy gửi đề nghị đính chính cho cơ quan cấp." "This differs from another document of the same person that carries more weight. If this one is wrong, send its issuer a request for correction."
    Contradicts "Q355" Clean Warn "Một giấy tờ khác của cùng một người ghi khác mục này. Giấy tờ đang xem được coi là đúng; nếu nó sai, hãy gửi đề nghị đính chính cho cơ quan cấp." "Another document of the same person says otherwise. This one counts; if it is the wrong one, send its issuer a request for correction."

    Expired "Q401" Live Refuse "Giấy tờ đã hết hạn. Hãy xin bản mới." "The document has expired. Ask for a new one."
    NotYetValid "Q402" Live Refuse "Giấy tờ chưa đến ngày có giá trị. Hãy đợi đến ngày đó." "The document is not valid yet. Wait until it is."
    Revoked "Q403" Live Refuse "Cơ quan cấp đã thu hồi giấy tờ này và nó không dùng lại được. Hãy hỏi cơ quan cấp và xin bản mới." "The issuer has revoked this document for good. Ask its issuer why, and for a new one."
    Suspended "Q404" Live Refuse "Cơ quan cấp đã tạm khóa giấy tờ này. Hãy liên hệ cơ quan cấp để mở lại." "The issuer has suspended this document. Contact its issuer to have it lifted."
    StatusUnknown "Q405" Live Warn "Chưa kiểm tra được giấy tờ có bị thu hồi hay không. Hãy kết nối mạng và cập nhật trạng thái." "Whether the document was revoked is not known yet. Go online and update its status."
    StatusOld "Q406" Live Warn "Lần kiểm tra thu hồi gần nhất đã quá lâu. Hãy kết nối mạng và cập nhật trạng thái." "What is known about the document's status is old. Go online and update it."
    ExpiresSoon "Q407" Live Warn "Giấy tờ sắp hết hạn. Hãy xin cấp lại trước ngày đó." "The document expires soon. Ask for a new one before it does."
    EndPassed "Q408" Live Warn "Ngày cuối cùng ghi trên giấy tờ đã qua, nên nơi xem có thể không chấp nhận. Hãy xin bản mới." "The last day that is written on the document is over, so others may not accept it. Ask for a new one."
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
