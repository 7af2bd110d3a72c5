extension Report {
  /// The report as text for a terminal.
  package func text() -> String {
    var lines = machineLines.map { "\($0.0 + ":") \($0.1)" }
    for section in sections { lines += ["", section.title, ""] + section.table.text() + section.notes }
    return lines.joined(separator: "\n")
  }

  /// The report as Markdown, with `plot.svg` in the same folder.
  package func markdown() -> String {
    var lines = ["# GL to Vulkan: what a frame costs", ""] + machineLines.map { "- \($0.0): \($0.1)" }
    if !sizes.isEmpty { lines += ["", "![Microseconds per frame](plot.svg)"] }
    for section in sections {
      lines += ["", "## \(section.title)", ""] + section.table.markdown()
      if !section.notes.isEmpty { lines += [""] + section.notes }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: What both show

  private struct Section {
    let title: String
    let table: Table
    var notes: [String] = []
  }

  var machineLines: [(String, String)] {
    [
      ("date", machine.date),
      ("machine", "\(machine.cpu), \(machine.cores) cores, \(machine.memoryGiB) GiB"),
      ("system", "\(machine.operatingSystem), kernel \(machine.kernel)"),
      ("load", "\(fixed(machine.load, 1)) at the beginning, \(fixed(loadAtEnd, 1)) at the end"),
      ("GL", "\(drivers.glRenderer), \(drivers.glVersion)"),
      ("Vulkan", "\(drivers.vulkanDevice), \(drivers.vulkanDriver), Vulkan \(drivers.vulkanVersion)"),
      (
        "hand-over",
        "\(drivers.sync), acquired on queue family \(drivers.queueFamily), sampled on \(drivers.graphicsFamily),"
          + " a ring of \(framesInFlight) images"
      ),
    ]
  }

  private var sections: [Section] {
    var sections: [Section] = []
    if !targets.isEmpty { sections.append(Section(title: "Targets", table: targetTable)) }
    for size in sizes {
      let notes =
        "Microseconds per frame; \(size.openings) openings. \"x render-only\" is the median of the ratios in pairs."
      sections.append(Section(title: size.size, table: timeTable(size), notes: [notes]))
      if !size.ratios.isEmpty {
        sections.append(Section(title: "\(size.size), compared in pairs", table: ratioTable(size)))
      }
    }
    if let steadyState { sections.append(steadySection(steadyState)) }
    if let creation { sections.append(creationSection(creation)) }
    if let growth { sections.append(growthSection(growth)) }
    if let producers { sections.append(producersSection(producers)) }
    if !notMeasured.isEmpty {
      sections.append(
        Section(
          title: "Not measured", table: Table(["what", "why"], words: [1], notMeasured.map { [$0.what, $0.reason] })))
    }
    return sections
  }

  private func interval(_ value: Estimate, _ digits: Int) -> String {
    value.low == value.high ? "" : "\(fixed(value.low, digits)) to \(fixed(value.high, digits))"
  }

  private var targetTable: Table {
    Table(
      ["target", "measured", "limit", "value", "95 % interval", "verdict"], words: [1, 5],
      targets.map { target in
        [
          target.what, target.measure, target.limit ?? "", target.value.map { fixed($0.median, 3) } ?? "",
          target.value.map { interval($0, 3) } ?? "",
          target.verdict.rawValue + (target.reason.map { ": \($0)" } ?? ""),
        ]
      })
  }

  private func timeTable(_ size: SizeResult) -> Table {
    Table(
      ["workload", "frames", "p10", "p50", "p90", "p99", "x render-only", "what"], words: [7],
      size.workloads.map { row in
        [row.name, String(row.frames), time(row.p10), time(row.p50), time(row.p90), time(row.p99)]
          + [row.toRenderOnly.map { fixed($0.median, 2) } ?? "", row.summary]
      })
  }

  /// Tenths matter where a frame takes a few microseconds.
  private func time(_ microseconds: Double) -> String { fixed(microseconds, microseconds < 100 ? 1 : 0) }

  private func ratioTable(_ size: SizeResult) -> Table {
    Table(
      ["compared", "ratio", "95 % interval", "difference, us", "95 % interval of it"],
      size.ratios.map {
        [
          "\($0.of) / \($0.to)", fixed($0.ratio.median, 3), interval($0.ratio, 3), fixed($0.difference.median, 1),
          interval($0.difference, 1),
        ]
      })
  }

  private func steadySection(_ state: SteadyState) -> Section {
    func optional(_ value: Double?, _ digits: Int) -> String { value.map { fixed($0, digits) } ?? "not measured" }
    let table = Table(
      [
        "workload", "frames", "memory growth, KiB", "fd growth", "own allocations", "drivers' allocations",
        "driver objects", "fds from drivers", "fds opened", "system calls", "the most frequent",
      ], words: [10],
      state.rows.map { row in
        let frequent = (row.frequentSystemCalls ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return [
          row.name, String(row.frames), String(row.memoryGrowthKiB), String(row.fileDescriptorGrowth),
          optional(row.ownAllocations, 3), optional(row.driverAllocations, 1), optional(row.driverObjects, 3),
          optional(row.driverDescriptors, 3), optional(row.descriptorsOpened, 3), optional(row.systemCalls, 1),
          frequent.map { "\($0.key) \(fixed($0.value, 1))" }.joined(separator: ", "),
        ]
      })
    var notes = [
      "Per frame, in steady state. Allocations are those of the frames' thread, system calls those of all threads."
    ]
    if let reason = state.systemCallsNotMeasured { notes.append("System calls were not measured: \(reason).") }
    return Section(title: "Steady state, \(state.size)", table: table, notes: notes)
  }

  private func creationSection(_ creation: Creation) -> Section {
    let table = Table(
      ["created", "times", "p10", "p50", "p90", "p99", "ratio to \(creation.rows.last?.name ?? "")", "what"],
      words: [7],
      creation.rows.map { row in
        let ratio = creation.ratios.first { $0.of == row.name }?.ratio
        return [
          row.name, String(row.count), fixed(row.p10, 1), fixed(row.p50, 1), fixed(row.p90, 1), fixed(row.p99, 1),
        ]
          + [ratio.map { "\(fixed($0.median, 2)) (\(interval($0, 2)))" } ?? "", row.summary]
      })
    return Section(
      title: "From nothing to the first frame, \(creation.size)", table: table, notes: ["Milliseconds."])
  }

  private func growthSection(_ growth: Growth) -> Section {
    let table = Table(
      ["frames up to", "p50", "p99", "x \(growth.reference)", "95 % interval", "memory, KiB", "open files"],
      growth.decades.map {
        [
          String($0.upTo), fixed($0.p50, 1), fixed($0.p99, 1), fixed($0.toReference.median, 3),
          interval($0.toReference, 3), String($0.memoryKiB), String($0.fileDescriptors),
        ]
      })
    return Section(
      title: "Growth, \(growth.name), \(growth.size)", table: table,
      notes: [
        "Microseconds per frame of one producer, decade by decade of its frames, and compared with blocks of \(growth.reference)"
          + " in between."
      ])
  }

  private func producersSection(_ producers: SeveralProducers) -> Section {
    func row(_ name: String, _ one: [Double], _ all: [Double]) -> [String] {
      let (one, all) = (median(one), median(all))
      return [name, fixed(one, 0), fixed(all, 0), fixed(all / one, 2)]
    }
    let table = Table(
      ["frames per second", "1", "\(producers.count) together", "times as many"],
      [
        row("producers", producers.one, producers.all),
        row("GL drawing alone", producers.renderOnlyOne, producers.renderOnlyAll),
      ])
    return Section(
      title: "\(producers.count) producers on one device, \(producers.size)", table: table,
      notes: [
        "Scaling against drawing alone: \(fixed(producers.scaling.median, 2)) (\(interval(producers.scaling, 2)))."
      ])
  }
}
