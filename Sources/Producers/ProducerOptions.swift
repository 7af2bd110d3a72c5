public import RawImport

/// Configures a producer.
///
/// The members of ``ring`` are members of this structure, too: `options.path` is `options.ring.path`.
///
/// The corresponding C type is `glvk_producer_options`.
@dynamicMemberLookup
public struct ProducerOptions: Sendable {
  /// What a producer has in common with a consumer.
  public var ring = RingOptions(orientation: .bottomUp)
  /// nil: direct where the driver can render into the image, else blit.
  public var mode: TransferMode?
  /// Samples per pixel of the framebuffer that the application draws into. Above 1 needs the mode blit (or host-copy),
  /// which resolves.
  public var samples = 1
  /// Attaches a 24-bit depth and 8-bit stencil buffer to the framebuffer that the application draws into.
  public var depthStencil = false
  /// Restricts path `host-copy` to this readback method, for tests. nil takes the first that works.
  package var readback: ReadbackMethod?

  /// Sets each property to its default.
  public init() {}

  /// Sets the most common properties in one expression.
  public init(
    framesInFlight: Int = 3, format: PixelFormat = .rgba8, path: TransferPath? = nil, mode: TransferMode? = nil,
    orientation: ImageOrientation = .bottomUp, backPressure: BackPressure = .wait(timeout: .seconds(5))
  ) {
    self.framesInFlight = framesInFlight
    self.format = format
    self.path = path
    self.mode = mode
    self.orientation = orientation
    self.backPressure = backPressure
  }

  /// A member of ``ring``.
  public subscript<Member>(dynamicMember member: WritableKeyPath<RingOptions, Member>) -> Member {
    get { ring[keyPath: member] }
    set { ring[keyPath: member] = newValue }
  }
}
