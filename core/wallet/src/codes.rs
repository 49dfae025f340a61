//! Every code of the wallet's errors with what an app should offer and the sentence in both languages. A code is never changed
//! and never used again.

use core::fmt;
use idwallet_documents::Lang;

macro_rules! codes {
    ($($name:ident $code:literal $reaction:ident $vi:literal $en:literal)*) => {
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

            /// What an app should offer next.
            #[must_use]
            pub const fn reaction(self) -> Reaction {
                match self { $(Self::$name => Reaction::$reaction),* }
            }

            /// What to tell the person: what happened and what to do.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Vi) => $vi, (Self::$name, Lang::En) => $en),* }
            }
        }
    };
}

/// What an app should offer after an error. Every [`Code`] has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reaction {
    /// Nothing is to be done.
    Nothing,
    /// The same again, now.
    Retry,
    /// The same again, after some time.
    RetryLater,
    /// Have the person authenticate or unlock the device, then the same again.
    Authenticate,
    /// Ask for the PIN.
    EnterPin,
    /// Unlock the wallet, which has no PIN.
    Unlock,
    /// Have the hardware with the keys put in, then the same again.
    InsertHardware,
    /// Show the request again and let the person decide anew.
    ReviewAgain,
    /// Ask the reader's staff to start again.
    AskReader,
    /// Tell the issuer.
    AskIssuer,
    /// Ask the issuer for the document anew.
    AskReissue,
    /// Update the app.
    UpdateApp,
    /// Make room on the device.
    FreeSpace,
    /// Close the wallet where else it is open.
    CloseOther,
    /// Correct who may read and write the wallet's files.
    MendAccess,
    /// Make a wallet.
    CreateWallet,
    /// Restore the wallet from a backup, or ask for its documents again.
    RestoreBackup,
    /// Make a support bundle and contact support.
    ContactSupport,
}

impl Reaction {
    /// Every reaction there is.
    pub const ALL: &[Self] = &[
        Self::Nothing,
        Self::Retry,
        Self::RetryLater,
        Self::Authenticate,
        Self::EnterPin,
        Self::Unlock,
        Self::InsertHardware,
        Self::ReviewAgain,
        Self::AskReader,
        Self::AskIssuer,
        Self::AskReissue,
        Self::UpdateApp,
        Self::FreeSpace,
        Self::CloseOther,
        Self::MendAccess,
        Self::CreateWallet,
        Self::RestoreBackup,
        Self::ContactSupport,
    ];

    /// The reaction in a word, for apps in other languages: `retry`, `ask_reissue`…
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Retry => "retry",
            Self::RetryLater => "retry_later",
            Self::Authenticate => "authenticate",
            Self::EnterPin => "enter_pin",
            Self::Unlock => "unlock",
            Self::InsertHardware => "insert_hardware",
            Self::ReviewAgain => "review_again",
            Self::AskReader => "ask_reader",
            Self::AskIssuer => "ask_issuer",
            Self::AskReissue => "ask_reissue",
            Self::UpdateApp => "update_app",
            Self::FreeSpace => "free_space",
            Self::CloseOther => "close_other",
            Self::MendAccess => "mend_access",
            Self::CreateWallet => "create_wallet",
            Self::RestoreBackup => "restore_backup",
            Self::ContactSupport => "contact_support",
        }
    }
}

codes! {
    UserCancelled "W101" Nothing "Bạn đã hủy thao tác." "You cancelled."
    UserAuthRequired "W102" Authenticate "Hãy mở khóa thiết bị hoặc xác thực rồi thử lại." "Unlock the device or authenticate, then try again."
    KeyInvalidated "W103" AskReissue "Thiết bị đã hủy khóa của giấy tờ, thường là do khóa màn hình hoặc vân tay thay đổi. Hãy xin cấp lại giấy tờ." "The device has destroyed the document's key, most often because screen lock or fingerprints changed. Ask for the document to be issued again."
    KeyStoreUnavailable "W104" RetryLater "Kho khóa của thiết bị không trả lời. Hãy thử lại sau." "The device's key store does not answer. Try again later."
    KeyStoreFailed "W105" ContactSupport "Kho khóa của thiết bị gặp lỗi." "The device's key store failed."
    KeyStoreAbsent "W106" InsertHardware "Không tìm thấy phần cứng giữ khóa của ví. Hãy cắm hoặc đưa thẻ vào rồi thử lại." "The hardware with the wallet's keys is not there. Put it in, then try again."
    PinNeeded "W110" EnterPin "Hãy nhập mã PIN của ví." "Enter the wallet's PIN."
    PinWrong "W111" EnterPin "Mã PIN không đúng. Sau nhiều lần sai liên tiếp, ví sẽ tạm khóa; giấy tờ không bị xóa." "The PIN is wrong. After several wrong ones the wallet locks for a while; no document is deleted."
    PinLocked "W112" RetryLater "Ví tạm khóa vì nhập sai mã PIN quá nhiều lần. Hãy để máy bật và chờ hết thời gian rồi thử lại; giấy tờ không bị xóa." "The wallet is locked for a while after too many wrong PINs. Leave the device on, wait, then try again; no document is deleted."
    Held "W113" ContactSupport "Ví đang bị khóa theo yêu cầu vì thiết bị được báo mất. Hãy liên hệ nơi đã nhận báo mất để mở lại." "The wallet is locked on request, because the device was reported lost. Ask where it was reported to have it released."
    RecoveryCodeWrong "W114" Retry "Mã khôi phục không đúng. Hãy xem lại bản ghi của bạn." "The recovery code is wrong. Look at your note of it again."
    PinMalformed "W115" Retry "Mã PIN gồm từ 6 đến 32 chữ số." "A PIN has 6 to 32 digits."
    PinTrivial "W116" Retry "Mã PIN này quá dễ đoán. Hãy chọn mã khác." "This PIN is too easy to guess. Choose another one."
    NoPin "W117" Nothing "Ví chưa có mã PIN." "The wallet has no PIN."
    PinExists "W118" Nothing "Ví đã có mã PIN. Hãy đổi mã thay vì đặt mới." "The wallet has a PIN already. Change it instead."
    NoRecoveryCode "W119" RestoreBackup "Ví không có mã khôi phục." "The wallet has no recovery code."
    Closed "W120" EnterPin "Bạn đã khóa ví. Hãy mở khóa bằng mã PIN." "You locked the wallet. Unlock it with the PIN."
    NotLocked "W121" Nothing "Ví đang mở." "The wallet is open."
    OrderRefused "W122" Nothing "Lệnh khóa này không dành cho ví này, không do nơi bạn đã chọn gửi, hoặc đã cũ. Không có gì thay đổi." "This order is not for this wallet, not from the authority you named, or not new. Nothing was changed."
    OrderStale "W123" Nothing "Yêu cầu khóa hoặc mở này đã cũ." "This order to lock or release is out of date."
    Busy "W124" Retry "Ví đang bận với một thao tác khác. Chưa có gì thay đổi; hãy thử lại ngay sau đó." "The wallet is busy with something else. Nothing was changed; try again in a moment."

    HandleClosed "W125" Nothing "Ứng dụng đã đóng ví. Hãy mở lại ứng dụng." "The app has closed the wallet. Open the app again."
    UnlockNeeded "W126" Unlock "Ví đã tự khóa hoặc đã được khóa. Hãy mở lại ví; không cần mã PIN." "The wallet is locked. Open it again; it needs no PIN."

    CredentialMalformed "W201" AskIssuer "Tệp không phải là giấy tờ điện tử mà ví đọc được. Hãy xin cơ quan cấp gửi lại." "The file is not a document this wallet can read. Ask the issuer to send it again."
    CredentialInvalid "W202" AskIssuer "Giấy tờ đã bị sửa hoặc ký sai. Đừng dùng; hãy báo cho cơ quan cấp." "The document was altered or wrongly signed. Do not use it; tell its issuer."
    CredentialUntrusted "W203" AskIssuer "Giấy tờ không do cơ quan mà ví tin cậy cấp." "The document is not from an issuer this wallet trusts."
    CredentialExpired "W204" AskReissue "Giấy tờ đã hết hạn hoặc chưa có giá trị. Hãy xin bản mới." "The document has expired or is not valid yet. Ask for a new one."
    DeviceKeyMismatch "W205" AskReissue "Giấy tờ gắn với khóa mà ví không giữ. Hãy xin cấp lại cho ví này." "The document is bound to a key this wallet does not hold. Ask for it to be issued to this wallet."
    CopiesDiffer "W206" AskIssuer "Các bản của giấy tờ không khớp nhau. Hãy báo cho cơ quan cấp." "The copies of the document are not alike. Tell its issuer."
    AlreadyHeld "W207" Nothing "Giấy tờ này đã có trong ví." "This document is in the wallet already."
    DeviceKeyInUse "W208" AskReissue "Khóa này đã gắn với một giấy tờ khác." "This key belongs to another document already."

    CredentialInsufficient "W209" AskIssuer "Giấy tờ thiếu hoặc ghi sai thông tin bắt buộc nên ví không nhận. Hãy đề nghị cơ quan cấp sửa và cấp lại." "Something that the document must have is missing or wrongly written, so the wallet did not take it. Ask its issuer to correct it and issue it again."
    HeldDamaged "W211" AskReissue "Giấy tờ này đã có trong ví nhưng bị hỏng trong kho. Hãy xóa bản hỏng rồi xin cấp lại." "This document is in the wallet already and is damaged there. Remove the damaged one, then ask for it to be issued again."
    StatusListRefused "W210" RetryLater "Không tin được danh sách thu hồi vừa nhận; trạng thái giấy tờ giữ nguyên. Hãy thử lại sau." "The list of revoked documents cannot be trusted; what is known about your documents stays as it was. Try again later."

    RequestMalformed "W301" AskReader "Yêu cầu của thiết bị đọc bị lỗi. Hãy đề nghị họ thử lại." "The reader's request is faulty. Ask them to try again."
    ReviewWrong "W302" ReviewAgain "Sự đồng ý này không dành cho yêu cầu đang xem. Chưa có gì được gửi; hãy xem lại yêu cầu." "This approval is not for the request at hand. Nothing was sent; look at the request again."
    ReviewStale "W303" ReviewAgain "Giấy tờ trong ví đã thay đổi từ khi bạn xem yêu cầu. Chưa có gì được gửi; hãy xem lại." "The wallet changed since you looked at the request. Nothing was sent; look at it again."
    ReviewAnswered "W304" Nothing "Yêu cầu này đã được trả lời." "This request was answered already."
    ApprovalNotOffered "W305" ReviewAgain "Sự đồng ý có mục không được yêu cầu. Chưa có gì được gửi." "The approval has something that was not on offer. Nothing was sent."
    ApprovalSets "W306" ReviewAgain "Những giấy tờ này phải được trình cùng nhau theo đúng một nhóm. Hãy chọn lại; chưa có gì được gửi." "These documents are wanted in exactly one of the sets. Choose again; nothing was sent."
    AnswerTooLarge "W307" ReviewAgain "Câu trả lời lớn hơn mức bên yêu cầu nhận được. Hãy bỏ bớt mục; chưa có gì được gửi." "The answer is larger than the reader takes. Take something out; nothing was sent."
    NoSession "W308" AskReader "Không có phiên nào đang chờ việc này." "No session is waiting for this."
    SessionFailed "W309" AskReader "Kết nối với thiết bị đọc bị lỗi. Hãy bắt đầu lại." "The session with the reader failed. Start again."
    SessionOver "W310" AskReader "Phiên đã kết thúc." "The session is over."
    CopyAgain "W311" ReviewAgain "Các bản chưa dùng đã hết; nếu trình lại bản cũ, ai từng thấy bản đó có thể nhận ra bạn. Hãy xác nhận nếu vẫn muốn trình; chưa có gì được gửi." "No unused copy is left; whoever saw the old one before can tell that it is you again. Say so if you still want to show it; nothing was sent."

    NotFound "W401" Nothing "Ví không có giấy tờ này." "This document is not in the wallet."
    Unsupported "W402" UpdateApp "Ví chưa hỗ trợ việc này." "This wallet does not support that."

    CorrectionState "W403" Nothing "Đề nghị đính chính này đang ở bước khác. Hãy xem lại trạng thái của nó." "This request for correction is at another step. Look at its state again."
    CorrectionSize "W404" Nothing "Đề nghị đính chính cần từ 1 đến 64 mục và nội dung ngắn gọn. Hãy sửa lại." "A request for correction names 1 to 64 fields and has short texts. Shorten it."

    Argument "W405" ContactSupport "Ứng dụng đã đưa cho ví dữ liệu mà ví không nhận. Không có gì thay đổi." "The app gave the wallet something that it does not take. Nothing was changed."

    VaultInUse "W501" CloseOther "Ví đang được mở ở nơi khác. Hãy đóng nơi đó trước." "The wallet is open elsewhere. Close it there first."
    VaultDamaged "W502" RestoreBackup "Kho dữ liệu của ví bị hỏng. Tệp được giữ nguyên, không bị xóa. Hãy tạo ví mới rồi khôi phục từ bản sao lưu, hoặc xin cấp lại giấy tờ." "The vault is damaged. Its file is left as it is. Make a new wallet and restore your backup, or ask for your documents again."
    VaultNewer "W503" UpdateApp "Ví này do một phiên bản mới hơn tạo ra. Hãy cập nhật ứng dụng; tệp được giữ nguyên." "A newer version made this wallet. Update the app; the file is left as it is."
    VaultMissing "W504" CreateWallet "Chưa có ví ở đây." "There is no wallet here."
    VaultExists "W505" Nothing "Ở đây đã có ví." "There is a wallet here already."
    VaultForeign "W506" ContactSupport "Tệp này không phải là ví. Hãy chọn đúng thư mục của ví; nếu đã đúng, hãy liên hệ hỗ trợ." "The file is not a wallet. Choose the wallet's folder; if it is the right one, contact support."
    VaultWrongKey "W507" RestoreBackup "Khóa trên máy này không mở được ví. Tệp được giữ nguyên. Hãy tạo ví mới rồi khôi phục từ bản sao lưu, hoặc xin cấp lại giấy tờ." "The key on this device does not open the wallet. The file is left as it is. Make a new wallet and restore your backup, or ask for your documents again."
    VaultPermissions "W508" MendAccess "Người khác có thể đọc tệp của ví. Hãy sửa quyền truy cập." "Others can get at the wallet's files. Correct their permissions."
    VaultReadOnly "W509" MendAccess "Không ghi được vào nơi lưu ví. Hãy cho phép ghi vào đó, hoặc chuyển ví đến nơi ghi được." "The wallet's place cannot be written to. Allow writing there, or move the wallet where it can be written."
    DiskFull "W510" FreeSpace "Bộ nhớ đã đầy. Không có gì bị thay đổi. Hãy xóa bớt tệp rồi thử lại." "The storage is full. Nothing was changed. Make room and try again."
    RecordDamaged "W511" AskReissue "Giấy tờ này bị hỏng trong kho và được để riêng; các giấy tờ khác không sao. Hãy xin cấp lại." "This document is damaged in the vault and set aside; the others are well. Ask for it to be issued again."
    RecordTooLarge "W512" AskIssuer "Giấy tờ quá lớn." "The document is too large."
    StorageFailed "W513" Retry "Đọc hoặc ghi bộ nhớ bị lỗi. Hãy thử lại." "Reading or writing the storage failed. Try again."
    OutsideDamaged "W514" EnterPin "Phần ví đọc được khi đang khóa bị hỏng; giấy tờ không sao. Hãy mở ví: ví tự sửa lại." "What can be read of the wallet while it is locked is damaged; the documents are well. Open the wallet: it mends itself."

    NoHistoryEntry "W601" Nothing "Nhật ký không có yêu cầu nào mang số này." "The history has no request with this number."
    TextTooLong "W602" Retry "Lời bạn viết quá dài. Hãy rút ngắn rồi thử lại." "What you wrote is too long. Shorten it, then try again."

    PassphraseShort "W701" Retry "Mật khẩu sao lưu quá ngắn: cần ít nhất 12 ký tự. Nên dùng bốn, năm từ không liên quan đến nhau." "The passphrase is too short: it needs 12 characters or more. Four or five words that have nothing to do with each other are good."
    PassphraseLong "W702" Retry "Mật khẩu sao lưu quá dài." "The passphrase is too long."
    PassphraseCommon "W703" Retry "Mật khẩu sao lưu quá dễ đoán. Hãy chọn bốn, năm từ không liên quan đến nhau." "The passphrase is too easy to guess. Choose four or five words that have nothing to do with each other."
    PassphrasePersonal "W704" Retry "Mật khẩu sao lưu có tên, số hoặc ngày trong giấy tờ của bạn nên dễ đoán. Hãy chọn mật khẩu khác." "The passphrase has a name, number or date of your documents and is easy to guess. Choose another one."
    BackupForeign "W705" Nothing "Tệp này không phải là bản sao lưu ví." "This file is not a backup of a wallet."
    BackupDamaged "W706" RestoreBackup "Bản sao lưu bị hỏng hoặc thiếu. Không có gì được khôi phục từ tệp này; hãy chép lại tệp hoặc dùng bản khác." "The backup is damaged or incomplete. Nothing was restored from it; copy the file again or use another one."
    BackupPassphraseWrong "W707" Retry "Mật khẩu không mở được bản sao lưu này." "The passphrase does not open this backup."
    BackupNewer "W708" UpdateApp "Bản sao lưu do một phiên bản mới hơn tạo ra. Hãy cập nhật ứng dụng rồi khôi phục lại." "A newer version made this backup. Update the app, then restore again."
    BackupTooLarge "W709" Nothing "Bản sao lưu lớn hơn hoặc cần nhiều bộ nhớ hơn mức ví chấp nhận; tệp này không đáng tin." "The backup is larger, or asks for more memory, than the wallet accepts; do not trust this file."
    BackupExists "W710" Nothing "Đã có tệp trùng tên; tệp đó được giữ nguyên. Hãy chọn tên khác." "There is a file of that name; it was left as it is. Choose another name."
    BackupIo "W711" Retry "Không đọc hoặc ghi được tệp sao lưu. Hãy xem lại nơi lưu và chỗ trống." "The backup file could not be read or written. Look at its place and the room there."
    RestoreStale "W712" ReviewAgain "Ví hoặc tệp đã thay đổi từ khi bạn xem trước. Chưa có gì được khôi phục; hãy xem lại." "The wallet or the file changed since the preview. Nothing was restored; look at it again."

    Internal "W901" ContactSupport "Lỗi bên trong ví. Không có gì được gửi." "A fault inside the wallet. Nothing was sent."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
