internal import Glibc
package import RawImport

/// A GL and a Vulkan driver as they name themselves.
package struct DriverPair: Sendable, Hashable {
  /// The vendor: GL_VENDOR.
  package var glVendor: String
  /// The renderer: GL_RENDERER.
  package var glRenderer: String
  /// The version: GL_VERSION.
  package var glVersion: String
  /// `VkPhysicalDeviceDriverProperties.driverName`; empty where the device has none.
  package var vulkanDriverName: String
  /// `VkPhysicalDeviceDriverProperties.driverInfo`.
  package var vulkanDriverInfo: String
  /// `VkPhysicalDeviceProperties.deviceName`.
  package var vulkanDeviceName: String
  /// Whether both run on one device; nil where one side does not report its device.
  package var sameDevice: Bool?
  /// Whether the context is OpenGL ES.
  package var isES: Bool

  /// Makes a pair of drivers from the names that they report.
  package init(
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

/// A known fault of certain drivers, as data beside a probe that tries everything.
///
/// A quirk explains a verdict, demands that a combination is tried in a child process only, or forbids the trial. It
/// never improves a verdict: a combination that was not seen to work does not count as working.
package struct DriverQuirk: Sendable {
  /// The name in lower case with hyphens, `mesa-bgra-storage-exchanged`. Once published it stays.
  package let id: String
  /// The fault, in one sentence for people.
  package let summary: String
  /// The source: threads as `owner/repo#N`, a specification's issue, or `seen: ` with driver and version.
  package let source: String
  /// The effect on the package.
  package let effect: Effect

  /// The effect of a quirk on the package.
  package enum Effect: Sendable, Hashable {
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
    package var paths: [TransferPath]?
    package var directions: [TransferDirection]?
    package var modes: [TransferMode]?
    package var formats: [PixelFormat]?
    package var tilings: [ImageTiling]?
    package var syncs: [SyncKind]?

    package init(
      paths: [TransferPath]? = nil, directions: [TransferDirection]? = nil, modes: [TransferMode]? = nil,
      formats: [PixelFormat]? = nil, tilings: [ImageTiling]? = nil, syncs: [SyncKind]? = nil
    ) {
      self.paths = paths
      self.directions = directions
      self.modes = modes
      self.formats = formats
      self.tilings = tilings
      self.syncs = syncs
    }
  }

  /// The outcomes that a quirk explains.
  package struct Outcome: Sendable, Hashable {
    /// It contains `verified` where the quirk says how much the combination costs.
    package var verdicts: [CapabilityMatrix.Verdict]
    /// Parts of the failing step's name, at least one of which must match; nil accepts any step, and no step.
    package var steps: [String]?
    /// The kinds of failure (`crashed`, `hung`, an error's code); nil accepts any.
    package var codes: [String]?

    package init(_ verdicts: [CapabilityMatrix.Verdict], steps: [String]? = nil, codes: [String]? = nil) {
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
  package func applies(to pair: DriverPair, at key: CellKey) -> Bool { concerns(pair) && subject.holds(for: key) }

  /// Whether the quirk matches these drivers, for any combination.
  func concerns(_ pair: DriverPair) -> Bool { drivers.allSatisfy { $0.holds(for: pair) } }

  /// Whether the quirk explains the outcome of a combination that it applies to.
  ///
  /// - Parameters:
  ///   - verdict: the verdict on the combination.
  ///   - step: the step at which the trial stopped.
  ///   - code: the kind of failure where it is known, `crashed`, `hung` or an error's code; nil excludes no quirk.
  package func explains(verdict: CapabilityMatrix.Verdict, step: String?, code: String? = nil) -> Bool {
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
  func holds(for key: CellKey) -> Bool {
    func allows<Value: Equatable>(_ list: [Value]?, _ value: Value) -> Bool { list?.contains(value) ?? true }
    let configuration = key.configuration
    return allows(paths, configuration.path) && allows(directions, key.direction) && allows(modes, configuration.mode)
      && allows(formats, key.format) && allows(tilings, configuration.tiling) && allows(syncs, configuration.sync)
  }
}
