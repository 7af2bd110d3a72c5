public import RawImport

/// What a producer or a consumer uses for later frames, and what it tried before. A copy: it does not follow later
/// changes.
///
/// The corresponding C types are `glvk_producer_info` and `glvk_consumer_info`.
public struct TransferStatus: Sendable {
  /// The combination. It changes when one fails while frames run.
  ///
  /// Its mode is how GL's pixels get into the image. Of a ``RawGLProducer`` it is the mode of the last frame: a submitted
  /// framebuffer is always copied (`blit`). Before the first frame it is that of
  /// ``FrameProducer/render(presentationTime:damage:_:)``. A consumer's is `direct`: GL samples the image itself.
  public let configuration: TransferConfiguration
  /// The path of ``configuration``.
  public var path: TransferPath { configuration.path }
  /// The mode of ``configuration``.
  public var mode: TransferMode { configuration.mode }
  /// How GL and Vulkan wait for each other, of ``configuration``.
  public var sync: SyncKind { configuration.sync }
  /// The layout of the DMA-BUFs' pixels in memory; nil on paths without a DMA-BUF.
  public let modifier: DRMModifier?
  /// How path `host-copy` brings the pixels to Vulkan; nil on paths that share memory, and for a consumer.
  public let readback: ReadbackMethod?
  /// A queue of the family with the cheapest measured ownership transfer, else the device's first queue.
  ///
  /// The package uses it for its own submissions. An application that only copies the frames should acquire them on it.
  public let ownershipQueue: VulkanQueue
  /// The number of slots of earlier sizes and combinations whose memory frames still hold.
  public let retiredSlotCount: Int
  /// The paths that failed before the one in use: when the ring was made, or later while frames ran.
  public let fellBackFrom: [Fallback]
  /// The readback methods that were tried before ``readback`` and failed: when the ring was made, or later while frames
  /// ran.
  public let readbackRefusals: [ReadbackRefusal]
  /// Why nothing is known of the drivers, or less than a helper would have learned.
  ///
  /// The helper is missing, or did not start, for want of file descriptors for example. nil where the probe tried
  /// everything, or none was asked for. Where no matrix names a combination, they were tried in turn to make the ring.
  /// In C, `glvk_producer_get_matrix` and `glvk_consumer_get_matrix` give this reason.
  public let capabilityProblem: String?

  /// A path that failed.
  public struct Fallback: Sendable, Hashable {
    /// The path.
    public let path: TransferPath
    /// The error, in a sentence.
    public let reason: String
  }

  /// A readback method that failed.
  public struct ReadbackRefusal: Sendable, Hashable {
    /// The method.
    public let method: ReadbackMethod
    /// The error, in a sentence.
    public let reason: String
  }
}
