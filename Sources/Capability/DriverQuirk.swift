internal import Glibc

/// A GL and a Vulkan driver as they name themselves.
public struct DriverPair: Sendable, Hashable {
  /// GL_VENDOR, GL_RENDERER and GL_VERSION.
  public var glVendor: String
  /// GL_RENDERER.
  public var glRenderer: String
  /// GL_VERSION.
  public var glVersion: String
  /// VkPhysicalDeviceDriverProperties; empty where the device has none.
  public var vulkanDriverName: String
  /// `VkPhysicalDeviceDriverProperties.driverInfo`.
  public var vulkanDriverInfo: String
  /// VkPhysicalDeviceProperties.deviceName.
  public var vulkanDeviceName: String
  /// Whether both run on one device; nil where one side does not tell.
  public var sameDevice: Bool?
  /// Whether the context is OpenGL ES.
  public var isES: Bool

  /// A pair of drivers by what they say of themselves.
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
  /// ``TransferPath``, by its name.
  public var path: String
  /// ``TransferDirection``, by its name.
  public var direction: String
  /// ``TransferMode``, by its name.
  public var mode: String
  /// ``PixelFormat``, by its name.
  public var pixelFormat: String
  /// ``ImageTiling``, by its name.
  public var tiling: String
  /// ``SyncKind``, by its name.
  public var sync: String

  /// A combination by names, as the matrix writes them.
  public init(path: String, direction: String, mode: String, pixelFormat: String, tiling: String, sync: String) {
    self.path = path
    self.direction = direction
    self.mode = mode
    self.pixelFormat = pixelFormat
    self.tiling = tiling
    self.sync = sync
  }
}

/// Something known of certain drivers, as data beside a probe that tries everything.
///
/// A quirk says why a verdict is what it is, that a combination must be tried in a child process only, or that it must
/// not be tried. It never makes a verdict better: what was not seen to work does not count as working.
public struct DriverQuirk: Sendable {
  /// Lower case with hyphens, `mesa-bgra-storage-exchanged`. Once published it stays.
  public let id: String
  /// What is known, one sentence for people.
  public let summary: String
  /// Threads as `owner/repo#N`, a specification's issue, or `seen: ` with driver and version.
  public let source: String
  /// What it makes the package do.
  public let effect: Effect

  /// What a quirk makes the package do.
  public enum Effect: Sendable, Hashable {
    /// Nothing is done differently; the verdict gets a reason.
    case explains
    /// It may crash or hang the process it is tried in, so only a child process tries it.
    case unsafeInProcess
    /// Not even a child process tries it.
    case forbids
  }

  /// What a quirk asks of the drivers.
  package enum DriverCondition: Sendable, Hashable {
    /// Upper and lower case differ, here and below.
    case glRendererStarts(with: String)
    case glRenderer(contains: String)
    case glVendor(contains: String)
    /// GL is Mesa of these versions: the first counts in, the last does not; nil is no bound.
    case glMesa(from: DriverVersion?, before: DriverVersion?)
    case glANGLE
    case glNVIDIA
    case es
    case desktopGL
    /// In the driver's name or the device's.
    case vulkanDriver(contains: String)
    case vulkanMesa(from: DriverVersion?, before: DriverVersion?)
    /// Known to be two devices; not knowing is no match.
    case differentDevices
  }

  /// What a quirk asks of the combination; nil takes any. Lists and no sets: they are short, and are looked through for
  /// each cell of a matrix that a program's start waits for.
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

  /// The outcomes a quirk is a reason for.
  package struct Outcome: Sendable, Hashable {
    /// As ``CapabilityMatrix/Verdict``. `verified` where the quirk says what the combination costs.
    package var verdicts: [String]
    /// Parts of the failing step's name, one of which must be there; nil takes any step, and none.
    package var steps: [String]?
    /// The kinds of failure (`crashed`, `hung`, an error's code); nil takes any.
    package var codes: [String]?

    package init(_ verdicts: [String], steps: [String]? = nil, codes: [String]? = nil) {
      self.verdicts = verdicts
      self.steps = steps
      self.codes = codes
    }
  }

  /// All of them must hold.
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

  /// Whether this is known of these drivers and this combination.
  public func applies(to pair: DriverPair, subject: QuirkSubject) -> Bool {
    concerns(pair) && self.subject.holds(for: subject)
  }

  /// Whether anything of it is about these drivers.
  func concerns(_ pair: DriverPair) -> Bool { drivers.allSatisfy { $0.holds(for: pair) } }

  /// Whether this is the reason for what became of a combination it applies to.
  ///
  /// - Parameters:
  ///   - verdict: the raw value of a ``CapabilityMatrix/Verdict``.
  ///   - step: where it stopped.
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
  /// As `contains`, in a tenth of the time.
  fileprivate func hasPart(_ part: String) -> Bool { strstr(self, part) != nil }
}

extension DriverQuirk.SubjectCondition {
  func holds(for subject: QuirkSubject) -> Bool {
    func allows(_ list: [String]?, _ name: String) -> Bool { list?.contains(name) ?? true }
    return allows(paths, subject.path) && allows(directions, subject.direction) && allows(modes, subject.mode)
      && allows(pixelFormats, subject.pixelFormat) && allows(tilings, subject.tiling) && allows(syncs, subject.sync)
  }
}
