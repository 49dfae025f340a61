//! Every code of the wallet's errors with its sentence in both languages. A code is never changed and never used again.

use core::fmt;
use idwallet_documents::Lang;

macro_rules! codes {
    ($($name:ident $code:literal $vi:literal $en:literal)*) => {
        /// A stable code: for an app to react on, for a person to read over the telephone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $en] $name),* }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// What to tell the person: what happened and what to do.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }
        }
    };
}

codes! {
    UserCancelled "W101" "Bạn đã hủy thao tác." "You cancelled."
    UserAuthRequired "W102" "Hãy mở khóa thiết bị hoặc xác thực rồi thử lại." "Unlock the device or authenticate, then try again."
    KeyInvalidated "W103" "Thiết bị đã hủy khóa của giấy tờ, thường là do khóa màn hình hoặc vân tay thay đổi. Hãy xin cấp lại giấy tờ." "The device has destroyed the document's key, most often because screen lock or fingerprints changed. Ask for the document to be issued again."
    KeyStoreUnavailable "W104" "Kho khóa của thiết bị không trả lời. Hãy thử lại sau." "The device's key store does not answer. Try again later."
    KeyStoreFailed "W105" "Kho khóa của thiết bị gặp lỗi." "The device's key store failed."
    KeyStoreAbsent "W106" "Không tìm thấy phần cứng giữ khóa của ví. Hãy cắm hoặc đưa thẻ vào rồi thử lại." "The hardware with the wallet's keys is not there. Put it in, then try again."

    CredentialMalformed "W201" "Tệp không phải là giấy tờ điện tử mà ví đọc được. Hãy xin cơ quan cấp gửi lại." "The file is not a document this wallet can read. Ask the issuer to send it again."
    CredentialInvalid "W202" "Giấy tờ đã bị sửa hoặc ký sai. Đừng dùng; hãy báo cho cơ quan cấp." "The document was altered or wrongly signed. Do not use it; tell its issuer."
    CredentialUntrusted "W203" "Giấy tờ không do cơ quan mà ví tin cậy cấp." "The document is not from an issuer this wallet trusts."
    CredentialExpired "W204" "Giấy tờ đã hết hạn hoặc chưa có giá trị. Hãy xin bản mới." "The document has expired or is not valid yet. Ask for a new one."
    DeviceKeyMismatch "W205" "Giấy tờ gắn với khóa mà ví không giữ. Hãy xin cấp lại cho ví này." "The document is bound to a key this wallet does not hold. Ask for it to be issued to this wallet."
    CopiesDiffer "W206" "Các bản của giấy tờ không khớp nhau. Hãy báo cho cơ quan cấp." "The copies of the document are not alike. Tell its issuer."
    AlreadyHeld "W207" "Giấy tờ này đã có trong ví." "This document is in the wallet already."
    DeviceKeyInUse "W208" "Khóa này đã gắn với một giấy tờ khác." "This key belongs to another document already."

    RequestMalformed "W301" "Yêu cầu của thiết bị đọc bị lỗi. Hãy đề nghị họ thử lại." "The reader's request is faulty. Ask them to try again."
    ReviewWrong "W302" "Sự đồng ý này không dành cho yêu cầu đang xem. Chưa có gì được gửi; hãy xem lại yêu cầu." "This approval is not for the request at hand. Nothing was sent; look at the request again."
    ReviewStale "W303" "Giấy tờ trong ví đã thay đổi từ khi bạn xem yêu cầu. Chưa có gì được gửi; hãy xem lại." "The wallet changed since you looked at the request. Nothing was sent; look at it again."
    ReviewAnswered "W304" "Yêu cầu này đã được trả lời." "This request was answered already."
    ApprovalNotOffered "W305" "Sự đồng ý có mục không được yêu cầu. Chưa có gì được gửi." "The approval has something that was not on offer. Nothing was sent."
    ApprovalSets "W306" "Những giấy tờ này phải được trình cùng nhau theo đúng một nhóm. Hãy chọn lại; chưa có gì được gửi." "These documents are wanted in exactly one of the sets. Choose again; nothing was sent."
    AnswerTooLarge "W307" "Câu trả lời lớn hơn mức bên yêu cầu nhận được. Hãy bỏ bớt mục; chưa có gì được gửi." "The answer is larger than the reader takes. Take something out; nothing was sent."
    NoSession "W308" "Không có phiên nào đang chờ việc này." "No session is waiting for this."
    SessionFailed "W309" "Kết nối với thiết bị đọc bị lỗi. Hãy bắt đầu lại." "The session with the reader failed. Start again."
    SessionOver "W310" "Phiên đã kết thúc." "The session is over."

    NotFound "W401" "Ví không có giấy tờ này." "This document is not in the wallet."
    Unsupported "W402" "Ví chưa hỗ trợ việc này." "This wallet does not support that."

    VaultInUse "W501" "Ví đang được mở ở nơi khác. Hãy đóng nơi đó trước." "The wallet is open elsewhere. Close it there first."
    VaultDamaged "W502" "Kho dữ liệu của ví bị hỏng. Tệp được giữ nguyên, không bị xóa." "The vault is damaged. Its file is left as it is."
    VaultNewer "W503" "Ví này do một phiên bản mới hơn tạo ra. Hãy cập nhật ứng dụng; tệp được giữ nguyên." "A newer version made this wallet. Update the app; the file is left as it is."
    VaultMissing "W504" "Chưa có ví ở đây." "There is no wallet here."
    VaultExists "W505" "Ở đây đã có ví." "There is a wallet here already."
    VaultForeign "W506" "Tệp này không phải là ví." "The file is not a wallet."
    VaultWrongKey "W507" "Khóa không mở được ví này. Tệp được giữ nguyên." "The key does not open this wallet. The file is left as it is."
    VaultPermissions "W508" "Người khác có thể đọc tệp của ví. Hãy sửa quyền truy cập." "Others can get at the wallet's files. Correct their permissions."
    VaultReadOnly "W509" "Không ghi được vào nơi lưu ví." "The wallet's place cannot be written to."
    DiskFull "W510" "Bộ nhớ đã đầy. Không có gì bị thay đổi." "The storage is full. Nothing was changed."
    RecordDamaged "W511" "Giấy tờ này bị hỏng trong kho và được để riêng; các giấy tờ khác không sao. Hãy xin cấp lại." "This document is damaged in the vault and set aside; the others are well. Ask for it to be issued again."
    RecordTooLarge "W512" "Giấy tờ quá lớn." "The document is too large."
    StorageFailed "W513" "Đọc hoặc ghi bộ nhớ bị lỗi." "Reading or writing the storage failed."

    Internal "W901" "Lỗi bên trong ví. Không có gì được gửi." "A fault inside the wallet. Nothing was sent."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
