internal import Glibc

/// A GL and a Vulkan driver as they name themselves.
public struct DriverPair: Sendable, Hashable {
  /// The vendor: GL_VENDOR.
  public var glVendor: String
  /// The renderer: GL_RENDERER.
  public var glRenderer: String
  /// The version: GL_VERSION.
  public var glVersion: String
  /// `VkPhysicalDeviceDriverProperties.driverName`; empty where the device has none.
  public var vulkanDriverName: String
  /// `VkPhysicalDeviceDriverProperties.driverInfo`.
  public var vulkanDriverInfo: String
  /// `VkPhysicalDeviceProperties.deviceName`.
  public var vulkanDeviceName: String
  /// Whether both run on one device; nil where one side does not report its device.
  public var sameDevice: Bool?
  /// Whether the context is OpenGL ES.
  public var isES: Bool

  /// Makes a pair of drivers from the names that they report.
  public init(
    glVendor: String, glRenderer: String, glVersion: String, vulkanDriverName: String, vulkanDriverInfo: String,
    vulkanDeviceName: String, sameDevice: Bool?, isES: Bool
  ) {
    self.glVendor = glVendor
    self.glRenderer = glRenderer
    self.glVersion = glVersion
    self.vulkanDriverName = vulkanDriverName
    self.vulkanDriverInfo = vulkanDriverInfo
    self.vulkanDeviceName = vulkanDeviceName
    self.sameDevice = sameDevice
    self.isES = isES
  }
}

/// One combination, by the names that ``CapabilityMatrix`` uses.
public struct QuirkSubject: Sendable, Hashable {
  /// The path: a ``TransferPath``, by its name.
  public var path: String
  /// The direction: a ``TransferDirection``, by its name.
  public var direction: String
  /// The mode: a ``TransferMode``, by its name.
  public var mode: String
  /// The pixel format: a ``PixelFormat``, by its name.
  public var pixelFormat: String
  /// The tiling: an ``ImageTiling``, by its name.
  public var tiling: String
  /// The sync: a ``SyncKind``, by its name.
  public var sync: String

  /// Makes a combination from the names that the matrix uses.
  public init(path: String, direction: String, mode: String, pixelFormat: String, tiling: String, sync: String) {
    self.path = path
    self.direction = direction
    self.mode = mode
    self.pixelFormat = pixelFormat
    self.tiling = tiling
    self.sync = sync
  }
}

/// A known fault of certain drivers, as data beside a probe that tries everything.
///
/// A quirk explains a verdict, demands that a combination is tried in a child process only, or forbids the trial. It
/// never improves a verdict: a combination that was not seen to work does not count as working.
public struct DriverQuirk: Sendable {
  /// The name in lower case with hyphens, `mesa-bgra-storage-exchanged`. Once published it stays.
  public let id: String
  /// The fault, in one sentence for people.
  public let summary: String
  /// The source: threads as `owner/repo#N`, a specification's issue, or `seen: ` with driver and version.
  public let source: String
  /// The effect on the package.
  public let effect: Effect

  /// The effect of a quirk on the package.
  public enum Effect: Sendable, Hashable {
    /// The package does nothing differently; the verdict gets a reason.
    case explains
    /// The combination may crash or hang the process that tries it, so only a child process tries it.
    case unsafeInProcess
    /// The package does not try it, not even in a child process.
    case forbids
  }

  /// The condition of a quirk on the drivers.
  package enum DriverCondition: Sendable, Hashable {
    /// The renderer's name starts with this text. Case matters, here and below.
    case glRendererStarts(with: String)
    case glRenderer(contains: String)
    case glVendor(contains: String)
    /// GL is a Mesa version from the first (inclusive) up to the last (exclusive); nil is no bound.
    case glMesa(from: DriverVersion?, before: DriverVersion?)
    case glANGLE
    case glNVIDIA
    case es
    case desktopGL
    /// The driver's name or the device's contains this text.
    case vulkanDriver(contains: String)
    case vulkanMesa(from: DriverVersion?, before: DriverVersion?)
    /// GL and Vulkan are known to be on two devices; an unknown device does not match.
    case differentDevices
  }

  /// The condition of a quirk on the combination; nil accepts any. The members are lists, not sets: they are short, and
  /// the lookup runs for each cell of a matrix that an application's start waits for.
  package struct SubjectCondition: Sendable, Hashable {
    package var paths: [String]?
    package var directions: [String]?
    package var modes: [String]?
    package var pixelFormats: [String]?
    package var tilings: [String]?
    package var syncs: [String]?

    package init(
      paths: [String]? = nil, directions: [String]? = nil, modes: [String]? = nil,
      pixelFormats: [String]? = nil, tilings: [String]? = nil, syncs: [String]? = nil
    ) {
      self.paths = paths
      self.directions = directions
      self.modes = modes
      self.pixelFormats = pixelFormats
      self.tilings = tilings
      self.syncs = syncs
    }
  }

  /// The outcomes that a quirk explains.
  package struct Outcome: Sendable, Hashable {
    /// Names of ``CapabilityMatrix/Verdict``. It contains `verified` where the quirk says how much the combination
    /// costs.
    package var verdicts: [String]
    /// Parts of the failing step's name, at least one of which must match; nil accepts any step, and no step.
    package var steps: [String]?
    /// The kinds of failure (`crashed`, `hung`, an error's code); nil accepts any.
    package var codes: [String]?

    package init(_ verdicts: [String], steps: [String]? = nil, codes: [String]? = nil) {
      self.verdicts = verdicts
      self.steps = steps
      self.codes = codes
    }
  }

  /// The conditions on the drivers, all of which must hold.
  let drivers: [DriverCondition]
  let subject: SubjectCondition
  let outcome: Outcome

  package init(
    id: String, summary: String, source: String, effect: Effect, drivers: [DriverCondition],
    subject: SubjectCondition = SubjectCondition(), explains outcome: Outcome
  ) {
    self.id = id
    self.summary = summary
    self.source = source
    self.effect = effect
    self.drivers = drivers
    self.subject = subject
    self.outcome = outcome
  }

  /// Whether the quirk matches these drivers and this combination.
  public func applies(to pair: DriverPair, subject: QuirkSubject) -> Bool {
    concerns(pair) && self.subject.holds(for: subject)
  }

  /// Whether the quirk matches these drivers, for any combination.
  func concerns(_ pair: DriverPair) -> Bool { drivers.allSatisfy { $0.holds(for: pair) } }

  /// Whether the quirk explains the outcome of a combination that it applies to.
  ///
  /// - Parameters:
  ///   - verdict: the raw value of a ``CapabilityMatrix/Verdict``.
  ///   - step: the step at which the trial stopped.
  ///   - code: the kind of failure where it is known, `crashed`, `hung` or an error's code; nil excludes no quirk.
  public func explains(verdict: String, step: String?, code: String? = nil) -> Bool {
    guard outcome.verdicts.contains(verdict) else { return false }
    if let codes = outcome.codes, let code, !codes.contains(code) { return false }
    guard let steps = outcome.steps else { return true }
    guard let step else { return false }
    return steps.contains { $0 == step || step.hasPart($0) }
  }
}

extension DriverQuirk.DriverCondition {
  func holds(for pair: DriverPair) -> Bool {
    func isWithin(_ version: DriverVersion?, _ from: DriverVersion?, _ before: DriverVersion?) -> Bool {
      guard let version else { return false }
      return from.map { $0 <= version } ?? true && before.map { version < $0 } ?? true
    }
    return switch self {
    case .glRendererStarts(let text): pair.glRenderer.hasPrefix(text)
    case .glRenderer(let text): pair.glRenderer.contains(text)
    case .glVendor(let text): pair.glVendor.contains(text)
    case .glMesa(let from, let before): isWithin(.mesa(in: pair.glVersion), from, before)
    case .glANGLE: pair.glRenderer.hasPrefix("ANGLE ") || DriverVersion.angle(in: pair.glVersion) != nil
    case .glNVIDIA: DriverVersion.nvidia(in: pair.glVersion) != nil
    case .es: pair.isES
    case .desktopGL: !pair.isES
    case .vulkanDriver(let text): pair.vulkanDriverName.contains(text) || pair.vulkanDeviceName.contains(text)
    case .vulkanMesa(let from, let before): isWithin(.mesa(in: pair.vulkanDriverInfo), from, before)
    case .differentDevices: pair.sameDevice == false
    }
  }
}

extension String {
  /// Does the same as `contains`, in a tenth of the time.
  fileprivate func hasPart(_ part: String) -> Bool { strstr(self, part) != nil }
}

extension DriverQuirk.SubjectCondition {
  func holds(for subject: QuirkSubject) -> Bool {
    func allows(_ list: [String]?, _ name: String) -> Bool { list?.contains(name) ?? true }
    return allows(paths, subject.path) && allows(directions, subject.direction) && allows(modes, subject.mode)
      && allows(pixelFormats, subject.pixelFormat) && allows(tilings, subject.tiling) && allows(syncs, subject.sync)
  }
}
