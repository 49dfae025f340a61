// imports: CoreVideo
import CoreVideo

public final class CMSampleBuffer: @unchecked Sendable {}
public func CMSampleBufferGetImageBuffer(_ buffer: CMSampleBuffer) -> CVPixelBuffer? { fatalError() }
