//! The Vietnamese sentences of a report. The English ones are those of the errors themselves; details of malformed bytes are
//! for the expert who reads those, so here they are a sentence and, where there is one, a place.

use idwallet_cose::CoseError;
use idwallet_crypto::x509::{CrlProblem, FindingId, PathError, Position, ProfileFinding};
use idwallet_mdoc::MdocError;
use idwallet_mdoc::verify::{CheckResult, Fault, Problem, Refusal, SkipReason};

/// The reason of a check in a sentence; `None` where it passed.
pub(crate) fn of_check(result: &CheckResult) -> Option<String> {
    match result {
        CheckResult::Passed => None,
        CheckResult::Skipped(reason) => Some(of_skip(*reason).to_owned()),
        CheckResult::Warned(faults) | CheckResult::Failed(faults) => {
            let sentences: Vec<String> = faults.iter().map(of_fault).collect();
            Some(sentences.join("; "))
        }
    }
}

/// Why a document is refused.
pub(crate) fn of_refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Failed { fault, .. } => of_fault(fault),
        Refusal::Skipped { reason, .. } => format!("{}, mà chính sách đòi hỏi", of_skip(*reason)),
    }
}

/// What is wrong with the response as a whole.
pub(crate) fn of_problem(problem: &Problem) -> String {
    let text = match problem {
        Problem::Version => "câu trả lời thuộc phiên bản chính không biết".to_owned(),
        Problem::Status(status) => format!("câu trả lời báo lỗi, mã {status}"),
        Problem::NoDocuments => "câu trả lời không có giấy tờ nào".to_owned(),
        Problem::ZkDocuments => "câu trả lời có bằng chứng không tiết lộ, chưa được hỗ trợ".to_owned(),
        Problem::EncryptedDocuments => "câu trả lời có giấy tờ được mã hóa, chưa được hỗ trợ".to_owned(),
        Problem::MissingDocument { doc_type, .. } => format!("{doc_type} được yêu cầu nhưng không được đưa ra"),
        Problem::DuplicateDocument { doc_type } => format!("có hơn một {doc_type} cho một yêu cầu"),
        _ => "câu trả lời không dùng được".to_owned(),
    };
    format!("{text} ({})", problem.clause())
}

fn of_skip(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::DependsOn(_) => "phụ thuộc vào một bước kiểm tra không đạt",
        SkipReason::NoAnchors => "không có chứng thư gốc nào để tin cậy",
        SkipReason::NoCrl => "không có danh sách chứng thư bị thu hồi",
        SkipReason::NoStatusReference => "giấy tờ không nói xem trạng thái ở đâu",
        SkipReason::NoStatusList => "không có danh sách trạng thái của giấy tờ này",
        SkipReason::NoTrustList => "chứng thư gốc không lấy từ danh sách tin cậy",
        SkipReason::NoTranscript => "không có bản ghi của phiên",
        SkipReason::NoReaderKey => "thiết bị dùng mã xác thực mà không có khóa của bên đọc",
        SkipReason::NoRequest => "không có yêu cầu để đối chiếu",
        SkipReason::IssuerOnly => "chỉ xem phần do cơ quan cấp ký",
        SkipReason::NotPresented => "chỉ phần do cơ quan cấp ký thì không chứng minh được người giữ",
        SkipReason::NotApplicable => "giấy tờ không có gì để kiểm tra ở đây",
        _ => "chưa kiểm tra",
    }
}

/// A fault as a sentence with its clause.
pub(crate) fn of_fault(fault: &Fault) -> String {
    format!("{} ({})", fault_text(fault), fault.clause())
}

fn fault_text(fault: &Fault) -> String {
    let fixed = match fault {
        Fault::Malformed(error) => return malformed(error),
        Fault::Path(error) => return path(error),
        Fault::Profile(finding) => return profile(finding),
        Fault::ResponseStatus(status) => return format!("câu trả lời báo lỗi, mã {status}"),
        Fault::DuplicateElement { name_space, element } => {
            return format!("{element} của {name_space} có hai lần");
        }
        Fault::DuplicateDigestId { name_space, digest_id } => {
            return format!("hai thông tin của {name_space} dùng chung digestID {digest_id}");
        }
        Fault::DigestIdRange { name_space } => return format!("một digestID của {name_space} từ 2^31 trở lên"),
        Fault::ShortSalt { name_space, element } => {
            return format!("muối của {element} của {name_space} ngắn hơn 16 byte");
        }
        Fault::CertificateRevoked { index, at } => {
            return format!("chứng thư thứ {index} của cơ quan cấp bị thu hồi từ {at}");
        }
        Fault::RevocationUnknown { index, problem } => {
            return format!(
                "không biết chứng thư thứ {index} của cơ quan cấp có bị thu hồi không: {}",
                crl(*problem)
            );
        }
        Fault::IssuerSignature(error) => return format!("chữ ký của cơ quan cấp: {}", cose(error)),
        Fault::DigestMismatch { name_space, element } => return format!("{element} của {name_space} đã bị sửa"),
        Fault::DigestMissing { name_space, element } => {
            return format!("{element} của {name_space} không có giá trị băm trong không gian tên này");
        }
        Fault::DocTypeMismatch { document, signed } => {
            return format!("giấy tờ tự nhận là {document} nhưng cơ quan cấp đã ký {signed}");
        }
        Fault::DocTypeUnexpected { signed, expected } => {
            return format!("giấy tờ là {signed} trong khi cần {expected}");
        }
        Fault::NotYetValid { from } => return format!("giấy tờ chỉ có giá trị từ {from}"),
        Fault::Expired { until } => return format!("giấy tờ đã hết giá trị từ {until}"),
        Fault::DateForm { field } => return format!("{field} có phần lẻ của giây hoặc không theo giờ UTC"),
        Fault::NotAuthorized { name_space, element } => {
            return format!("thiết bị không được phép ký {element} của {name_space}");
        }
        Fault::DeviceSignature(error) => return format!("chữ ký của thiết bị: {}", cose(error)),
        Fault::DeviceMac(error) => return format!("mã xác thực của thiết bị: {}", cose(error)),
        Fault::DeviceKeyCurve(curve) => {
            return format!("khóa của bên đọc không thỏa thuận được với khóa của thiết bị trên {curve}");
        }
        Fault::UnrequestedDocument { doc_type } => return format!("{doc_type} không được yêu cầu"),
        Fault::Unrequested { name_space, element } => return format!("{element} của {name_space} không được yêu cầu"),
        Fault::NotReturned { name_space, element } => {
            return format!("{element} của {name_space} được yêu cầu nhưng không được đưa ra");
        }
        Fault::NotVouchedFor { doc_type } => {
            return format!("danh sách tin cậy không nêu {doc_type} cho cơ quan cấp này");
        }
        Fault::MsoVersion => "MSO thuộc phiên bản chính không biết",
        Fault::ResponseVersion => "câu trả lời thuộc phiên bản chính không biết",
        Fault::SignerHash => "x5t của issuerAuth chỉ một chứng thư khác với chứng thư của người ký",
        Fault::NoCertificate => "issuerAuth không có chuỗi chứng thư",
        Fault::DigestAlgorithm => "thuật toán băm không phải SHA-256, SHA-384 hay SHA-512",
        Fault::SignedOutsideCertificate => "MSO được ký khi chứng thư của người ký không có hiệu lực",
        Fault::DateOrder => "signed, validFrom và validUntil không theo thứ tự",
        Fault::OutlivesCertificate => "giấy tờ có giá trị lâu hơn chứng thư của người ký",
        Fault::IssuingCountry => "issuing_country không phải nước trong chứng thư của người ký",
        Fault::IssuingJurisdiction => "issuing_jurisdiction không phải bang hay tỉnh trong chứng thư của người ký",
        Fault::Revoked => "cơ quan cấp đã thu hồi giấy tờ",
        Fault::Suspended => "cơ quan cấp đã tạm đình chỉ giấy tờ",
        Fault::StatusUnknown(_) => "không biết giấy tờ có bị thu hồi không: danh sách trạng thái không dùng được",
        Fault::KeyAuthorizations(_) => "keyAuthorizations không đúng quy cách",
        Fault::DeviceAuthMissing => "thiếu xác thực của thiết bị",
        Fault::PortraitMissing => "ảnh chân dung được yêu cầu nhưng không có bên các thông tin khác của giấy phép",
        Fault::TrustList(_) => "danh sách tin cậy không dùng được",
        _ => "giấy tờ không đạt",
    };
    fixed.to_owned()
}

fn malformed(error: &MdocError) -> String {
    match error {
        MdocError::Malformed { structure, error } => format!("{structure} sai cấu trúc ở byte {}", error.offset()),
        MdocError::UnknownVersion(structure) => format!("{structure} thuộc phiên bản chính không biết"),
        MdocError::MissingPayload(structure) => format!("{structure} thiếu nội dung"),
        _ => "dữ liệu sai cấu trúc".to_owned(),
    }
}

const fn cose(error: &CoseError) -> &'static str {
    match error {
        CoseError::SignatureInvalid => "không đúng",
        CoseError::MacInvalid => "mã xác thực không đúng",
        _ => "thuật toán, khóa hoặc cấu trúc không được chấp nhận",
    }
}

const fn crl(problem: CrlProblem) -> &'static str {
    match problem {
        CrlProblem::NotGiven => "không có danh sách chứng thư bị thu hồi",
        CrlProblem::NoneOfIssuer => "không có danh sách thu hồi của đơn vị cấp chứng thư",
        CrlProblem::Signature => "danh sách thu hồi không do đơn vị cấp chứng thư ký",
        CrlProblem::KeyUsage => "khóa của đơn vị cấp chứng thư không được ký danh sách thu hồi",
        CrlProblem::NotYetValid => "danh sách thu hồi chưa có hiệu lực",
        CrlProblem::Expired => "danh sách thu hồi đã hết hiệu lực",
        CrlProblem::NoNextUpdate => "danh sách thu hồi không nói khi nào có danh sách mới",
        _ => "danh sách thu hồi không đúng quy cách",
    }
}

fn path(error: &PathError) -> String {
    let fixed = match error {
        PathError::Malformed { index, .. } => return format!("chứng thư thứ {index} của chuỗi sai cấu trúc"),
        PathError::NoAnchor { index } => {
            return format!("chứng thư thứ {index} của chuỗi không do chứng thư gốc nào được tin cậy cấp");
        }
        PathError::NameChaining { index } => return format!("chứng thư thứ {index} không do chứng thư kế tiếp cấp"),
        PathError::Signature { index } => return format!("chữ ký trên chứng thư thứ {index} không đúng"),
        PathError::NotYetValid { index } => return format!("chứng thư thứ {index} chưa có hiệu lực"),
        PathError::Expired { index } => return format!("chứng thư thứ {index} đã hết hiệu lực"),
        PathError::NotACa { index } | PathError::CaKeyUsage { index } => {
            return format!("chứng thư thứ {index} không được phép cấp chứng thư khác");
        }
        PathError::PathLength { index } => return format!("chuỗi dài hơn mức chứng thư thứ {index} cho phép"),
        PathError::UnknownCriticalExtension { index, oid } => {
            return format!("chứng thư thứ {index} có phần mở rộng bắt buộc không hiểu được {oid}");
        }
        PathError::Revoked { index, at } => return format!("chứng thư thứ {index} bị thu hồi từ {at}"),
        PathError::RevocationUnknown { index, problem } => {
            return format!(
                "không biết chứng thư thứ {index} có bị thu hồi không: {}",
                crl(*problem)
            );
        }
        PathError::Empty => "chuỗi chứng thư rỗng",
        PathError::TooLong => "chuỗi chứng thư quá dài",
        PathError::SelfSignedLeaf => "chứng thư của người ký tự ký và không được tin cậy",
        PathError::KeyUsage => "khóa của người ký không được dùng để ký",
        PathError::WrongPurpose => "chứng thư của người ký dành cho mục đích khác",
        PathError::CountryMismatch => "người ký và chứng thư gốc ghi hai nước khác nhau",
        PathError::StateMismatch => "người ký và chứng thư gốc ghi hai bang hay tỉnh khác nhau",
        PathError::Profile { .. } => "chứng thư không đúng quy cách",
        _ => "chuỗi chứng thư không đạt",
    };
    fixed.to_owned()
}

fn profile(finding: &ProfileFinding) -> String {
    let whose = match finding.position {
        Position::Leaf => "chứng thư người ký",
        Position::Intermediate => "chứng thư trung gian",
        Position::Anchor => "chứng thư gốc",
    };
    format!("{whose}: {}", finding_text(finding.id))
}

const fn finding_text(id: FindingId) -> &'static str {
    match id {
        FindingId::LeafIsAnchor => "chính nó là chứng thư gốc được tin cậy",
        FindingId::SelfSignedLeaf => "tự ký",
        FindingId::AnchorInChain => "chuỗi có cả chứng thư gốc",
        FindingId::IntermediateCertificate => "không do chứng thư gốc cấp trực tiếp",
        FindingId::Version => "không phải phiên bản 3",
        FindingId::Serial => "số sê-ri không phải số ngẫu nhiên dương dài tối đa 20 byte",
        FindingId::SignatureAlgorithm => "không được ký bằng ECDSA với SHA-256, SHA-384 hay SHA-512",
        FindingId::CompressedKey => "khóa công khai ở dạng nén",
        FindingId::AnchorKey => "khóa không phải khóa đường cong elliptic cho ECDSA",
        FindingId::ValidityTooLong => "thời hạn dài hơn quy cách cho phép",
        FindingId::EkuMissing => "thiếu mục đích sử dụng khóa mở rộng",
        FindingId::EkuNotCritical => "mục đích sử dụng khóa mở rộng không được đánh dấu bắt buộc",
        FindingId::EkuCritical => "mục đích sử dụng khóa mở rộng không nên đánh dấu bắt buộc",
        FindingId::EkuGenericOnly => "chỉ có mục đích chung của ISO/IEC 23220",
        FindingId::EkuAny => "cho phép mọi mục đích thay vì mục đích cần có",
        FindingId::EkuOtherPurpose => "có thêm mục đích khác ngoài mục đích cần có",
        FindingId::KeyUsageMissing => "thiếu cách sử dụng khóa",
        FindingId::KeyUsageNotCritical => "cách sử dụng khóa không được đánh dấu bắt buộc",
        FindingId::KeyUsageBits => "cách sử dụng khóa khác quy cách",
        FindingId::LeafIsCa => "là chứng thư của cơ quan chứng thực",
        FindingId::BasicConstraintsNotCritical => "ràng buộc cơ bản không được đánh dấu bắt buộc",
        FindingId::PathLenNotZero => "giới hạn độ dài chuỗi khác không",
        FindingId::CdpMissing => "thiếu nơi phát hành danh sách thu hồi",
        FindingId::CdpWithoutUri => "địa chỉ danh sách thu hồi không có URI",
        FindingId::CdpRestricted => "địa chỉ danh sách thu hồi có lý do hoặc đơn vị phát hành khác",
        FindingId::ForbiddenExtension => "có phần mở rộng bị cấm",
        FindingId::CountryMissing => "thiếu nước",
        FindingId::CountryForm => "nước không phải hai chữ cái in hoa",
        FindingId::CommonNameMissing => "thiếu tên",
        FindingId::StateOnlyInAnchor => "chứng thư gốc ghi bang hay tỉnh mà người ký không ghi",
        FindingId::IssuerAltNameMissing => "thiếu địa chỉ liên hệ của đơn vị cấp",
        FindingId::SkiMissing => "thiếu mã nhận dạng khóa",
        FindingId::SkiNotSha1 => "mã nhận dạng khóa không phải SHA-1 của khóa",
        FindingId::AkiMissing => "thiếu mã nhận dạng khóa của đơn vị cấp",
        FindingId::AkiMismatch => "mã nhận dạng khóa của đơn vị cấp không khớp",
        FindingId::KeyIdCritical => "mã nhận dạng khóa được đánh dấu bắt buộc",
        FindingId::AnchorNotSelfSigned => "không tự ký",
        _ => "không đúng quy cách",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_departure_from_a_profile_has_a_sentence_of_its_own() {
        let sentences: HashSet<&str> = FindingId::ALL.iter().map(|id| finding_text(*id)).collect();
        assert_eq!(sentences.len(), FindingId::ALL.len());
        assert!(!sentences.contains("không đúng quy cách"));
    }

    #[test]
    fn a_sentence_names_the_element_and_the_clause() {
        let fault = Fault::DigestMismatch {
            name_space: "vn.id.1".to_owned(),
            element: "full_name".to_owned(),
        };
        assert_eq!(of_fault(&fault), "full_name của vn.id.1 đã bị sửa (ISO 18013-5 §9.3.1)");
    }
}
