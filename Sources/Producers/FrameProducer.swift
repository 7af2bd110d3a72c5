public import Capability
public import InteropDrivers
public import RawImport

/// What ``SurfacelessEGLProducer`` and ``RawGLProducer`` have in common: a ring of frames that GL draws and Vulkan reads.
///
/// Only this package's producers conform.
public protocol FrameProducer: AnyObject {
  /// The Vulkan device.
  var host: VulkanHost { get }
  /// The options that the application passed.
  var options: ProducerOptions { get }
  /// The size of later frames, in pixels.
  var size: PixelSize { get }
  /// What later frames use, and what was tried before.
  var status: TransferStatus { get }
  /// The capability matrix of the drivers; nil with ``CapabilitySource/nowhere``, and where the probe learned nothing:
  /// ``TransferStatus/capabilityProblem``.
  ///
  /// With ``CapabilitySource/automatic`` the probe ends at the first combination that works; the cells after it are not
  /// tried, and say so, until that one fails.
  var capability: CapabilityMatrix? { get }

  /// Called once for each image of which a frame was handed out, when the image retires.
  ///
  /// An image retires after a change of size, after a fallback to the next combination, or at the end of the producer
  /// or its context. If the application still holds a frame of the image then, the image retires with that frame. Drop
  /// there what was made for the image and is kept by ``Frame/imageID``.
  ///
  /// - When: the application holds neither the image nor a frame of it, and GL and Vulkan are done with it as far as
  ///   this package knows. Nothing of it is destroyed yet: its `VkImage`, its views and its texture still exist. Where
  ///   the application submits a frame's work itself, the package has waited for those submissions, up to the release.
  ///   For anything else it has in flight, the application waits in the closure: nothing is destroyed before the
  ///   closure returns. On a lost device the wait has ended with an error, and the closure is called all the same.
  /// - On which thread: the one that lets the image go. That is the thread of a call of the producer (the GL thread),
  ///   or, after the producer's end, the thread that discards its last frame.
  /// - In it: anything of Vulkan, GL where the context is current, and this object's properties. Do not call the
  ///   producer to make frames, change the size or end it (``InteropError/Code/invalidState``), and do not wait for a
  ///   lock under which frames are discarded.
  ///
  /// The closure is not called for images of which no frame was handed out, including those of a ring that could not be
  /// made. It may be set at any time and on any thread: when the setter returns, the previous closure is not running on
  /// another thread and is not called again. The closure is kept until the last frame of the producer has ended, so it
  /// should not hold the producer.
  ///
  /// The corresponding C function is `glvk_producer_set_image_retired_callback`.
  var onImageRetired: (@Sendable (ImageID) -> Void)? { get set }

  /// Renders one frame.
  ///
  /// If the combination fails while a frame is made, the next one takes over, with a line in the log and an entry in
  /// ``TransferStatus/fellBackFrom``. The frame is then drawn again: `draw` may be called more than once.
  ///
  /// - Parameters:
  ///   - presentationTime: when the frame is to be shown, carried along.
  ///   - damage: what changed since the previous frame, carried along; nil for the whole frame.
  ///   - draw: GL calls into ``RenderTarget/framebuffer``, which is bound. The previous content of the slot is
  ///     undefined. If `draw` throws, no frame is made and the same error is thrown.
  /// - Returns: the frame; discarding it drops it.
  /// - Throws: ``InteropError/Code/ringExhausted`` as ``BackPressure`` decides if all slots are in use;
  ///   ``InteropError/Code/wrongThread``; the driver's refusal, when no combination is left.
  func render(
    presentationTime: Duration?, damage: [PixelRect]?, _ draw: (RenderTarget) throws -> Void
  ) throws -> Frame

  /// Changes the size of later frames. Frames that the application holds keep their size and memory, which is freed
  /// when both APIs are done with it.
  ///
  /// - Throws: as the initialiser; the old size stays in use then.
  func resize(to size: PixelSize) throws(InteropError)
}
