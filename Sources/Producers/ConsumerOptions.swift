public import RawImport

/// Configures a ``RawGLConsumer``.
///
/// The members of ``ring`` are members of this structure, too: `options.path` is `options.ring.path`.
///
/// The corresponding C type is `glvk_consumer_options`.
@dynamicMemberLookup
public struct ConsumerOptions: Sendable {
  /// What a consumer has in common with a producer.
  public var ring = RingOptions(orientation: .topDown)

  /// Sets each property to its default.
  public init() {}

  /// Sets the most common properties in one expression.
  public init(
    framesInFlight: Int = 3, format: PixelFormat = .rgba8, path: TransferPath? = nil, sync: SyncKind? = nil,
    orientation: ImageOrientation = .topDown, backPressure: BackPressure = .wait(timeout: .seconds(5))
  ) {
    self.framesInFlight = framesInFlight
    self.format = format
    self.path = path
    self.sync = sync
    self.orientation = orientation
    self.backPressure = backPressure
  }

  /// A member of ``ring``.
  public subscript<Member>(dynamicMember member: WritableKeyPath<RingOptions, Member>) -> Member {
    get { ring[keyPath: member] }
    set { ring[keyPath: member] = newValue }
  }
}
