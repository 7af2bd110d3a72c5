internal import GLVulkanInterop
internal import InteropPrograms
import Glibc

/// The options of `demo-raw-gl tap`, from the program's environment.
struct TapSettings: Sendable {
  let path: TransferPath?
  let sync: SyncKind?
  let vulkanDevice: String?
  let vulkanLayers: [String]
  let isHeadless: Bool
  /// The number of frames to show; nil for no limit.
  let frames: Int?
  /// An absolute path.
  let output: String?
  let statistics: TapEnvironment.StatisticsFormat
  /// An absolute path; nil for stderr.
  let statisticsFile: String?

  /// The launcher has checked the values; an invalid value counts as missing.
  static func fromEnvironment() -> TapSettings {
    func value(_ name: TapEnvironment.Variable) -> String? { getenv(name.rawValue).map { String(cString: $0) } }
    return TapSettings(
      path: value(.path).flatMap { TransferPath(argument: $0) }, sync: value(.sync).flatMap { SyncKind(rawValue: $0) },
      vulkanDevice: value(.vulkanDevice),
      vulkanLayers: value(.vulkanLayers)?.split(separator: ",").map(String.init) ?? [],
      isHeadless: value(.headless) != nil, frames: value(.frames).flatMap { Int($0) }, output: value(.output),
      statistics: value(.statistics).flatMap { TapEnvironment.StatisticsFormat(rawValue: $0) } ?? .text,
      statisticsFile: value(.statisticsFile))
  }
}
