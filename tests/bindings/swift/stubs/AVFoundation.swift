// imports: CoreVideo CoreMedia UIKit
import CoreMedia
import CoreVideo
import Foundation
import UIKit

public struct AVMediaType: Hashable, Sendable {
    public static var video: AVMediaType { AVMediaType() }
}

public class AVCaptureInput: NSObject {}
public class AVCaptureOutput: NSObject {}
public class AVCaptureConnection: NSObject {}

public class AVCaptureDevice: NSObject {
    public struct DeviceType: Hashable, Sendable {
        public static var builtInWideAngleCamera: DeviceType { DeviceType() }
    }
    public enum Position: Int, Sendable {
        case unspecified, back, front
    }
    public class func requestAccess(for type: AVMediaType) async -> Bool { fatalError() }
    public class func `default`(_ type: DeviceType, for media: AVMediaType?, position: Position) -> AVCaptureDevice? { fatalError() }
}

public class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws { fatalError() }
}

public class AVCaptureSession: NSObject, @unchecked Sendable {
    public struct Preset: Hashable, Sendable {
        public static var hd1280x720: Preset { Preset() }
    }
    public override init() {}
    public var inputs: [AVCaptureInput] { fatalError() }
    public var sessionPreset: Preset = .hd1280x720
    public func beginConfiguration() {}
    public func commitConfiguration() {}
    public func canAddInput(_ input: AVCaptureInput) -> Bool { fatalError() }
    public func addInput(_ input: AVCaptureInput) {}
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { fatalError() }
    public func addOutput(_ output: AVCaptureOutput) {}
    public func startRunning() {}
    public func stopRunning() {}
}

public protocol AVCaptureVideoDataOutputSampleBufferDelegate: AnyObject {
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
}

public class AVCaptureVideoDataOutput: AVCaptureOutput {
    public override init() {}
    public var videoSettings: [String: Any]! = nil
    public var alwaysDiscardsLateVideoFrames = true
    public func setSampleBufferDelegate(_ delegate: (any AVCaptureVideoDataOutputSampleBufferDelegate)?, queue: DispatchQueue?) {}
}

public struct AVLayerVideoGravity: Hashable, Sendable {
    public static var resizeAspectFill: AVLayerVideoGravity { AVLayerVideoGravity() }
}

public class AVCaptureVideoPreviewLayer: CALayer {
    public var session: AVCaptureSession?
    public var videoGravity: AVLayerVideoGravity = .resizeAspectFill
}
