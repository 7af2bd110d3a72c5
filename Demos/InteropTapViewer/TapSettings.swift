internal import GLVulkanInterop
internal import InteropPrograms
import Glibc

/// What `demo-raw-gl tap` was asked for, as its program's environment has it.
struct TapSettings: Sendable {
  let path: TransferPath?
  let sync: SyncKind?
  let vulkanDevice: String?
  let vulkanLayers: [String]
  let isHeadless: Bool
  /// Frames to be shown; nil for no end.
  let frames: Int?
  /// Absolute.
  let output: String?
  let statistics: TapEnvironment.StatisticsFormat
  /// Absolute; nil for stderr.
  let statisticsFile: String?

  /// The launcher has checked the values; one that is none is taken for one that is not there.
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
