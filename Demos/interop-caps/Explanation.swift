import GLVulkanInterop

/// The text output of `--explain`: each combination of the path, each step with its driver calls, and the step that
/// failed.
struct ExplanationText {
  private let explanations: [PathExplanation]
  private let style: TextStyle

  init(_ explanations: [PathExplanation], _ style: TextStyle) {
    self.explanations = explanations
    self.style = style
  }

  var text: String { explanations.map(text).joined(separator: "\n\n") }

  private func text(_ explanation: PathExplanation) -> String {
    let cell = explanation.cell
    let configuration = cell.configuration
    let layout = cell.modifier?.hexadecimal ?? configuration.tiling.rawValue
    var lines = [
      style.bold(
        "\(configuration.path) \(cell.direction.rawValue) \(configuration.mode.rawValue) \(layout)"
          + " \(configuration.sync.rawValue) \(cell.format.name) \(cell.size)")
    ]
    for step in explanation.steps {
      let mark = step.isEnd ? style.bad("✗") : style.good("✓")
      lines.append("  \(mark) \(step.title)")
      let calls = step.calls.map { $0.count == 1 ? $0.name : "\($0.name) x\($0.count)" }.joined(separator: " ")
      if !calls.isEmpty { lines += TextStyle.wrap("      " + calls, indent: 6) }
    }
    switch cell.verdict {
    case .verified:
      lines.append("  " + style.good("verified") + ": both frames arrived, every pixel right")
      if let waits = cell.waits {
        lines.append("  GL's wait for Vulkan: \(waits.gl.rawValue); Vulkan's wait for GL: \(waits.vulkan.rawValue)")
      }
    default:
      var reason = "  " + cell.verdict.rawValue + " at \(cell.step ?? "the start"): \(cell.reason ?? "")"
      if !cell.missing.isEmpty { reason += " (missing: \(cell.missing.joined(separator: ", ")))" }
      lines += TextStyle.wrap(reason, indent: 4)
    }
    return lines.joined(separator: "\n")
  }
}

/// The JSON output of `--explain`.
struct ExplanationReport: Encodable {
  struct Explanation: Encodable {
    let cell: CapabilityMatrix.Cell
    let steps: [Step]
  }
  struct Step: Encodable {
    let title: String
    let calls: [Call]
    let stopped: Bool
  }
  struct Call: Encodable {
    let name: String
    let count: Int
  }

  let schema = 1
  let explanations: [Explanation]

  init(_ explanations: [PathExplanation]) {
    self.explanations = explanations.map { explanation in
      Explanation(
        cell: explanation.cell,
        steps: explanation.steps.map { step in
          Step(title: step.title, calls: step.calls.map { Call(name: $0.name, count: $0.count) }, stopped: step.isEnd)
        })
    }
  }
}
