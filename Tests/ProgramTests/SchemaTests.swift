import Foundation
import InteropTestSupport
import Testing

extension ProgramTests {
  /// What interop-caps prints against docs/interop-caps.schema.json.
  @Suite("interop-caps, JSON schema", .serialized) struct SchemaTests {
    /// For tests that are not about sizes and formats.
    private static let quick = ["--size", "64x32", "--pixel-format", "rgba8"]
    private static let noVulkan: [String: String?] = ["VK_DRIVER_FILES": "/nowhere", "VK_ICD_FILENAMES": "/nowhere"]
    private static let noEGL: [String: String?] = ["__EGL_VENDOR_LIBRARY_FILENAMES": "/nowhere"]

    @Test(
      .onFirstStack,
      arguments: [
        [], ["--size", "33x17", "--size", "1x1"], ["--size", "40000x3", "--pixel-format", "rgba8"], ["--no-probe"],
        quick + ["--measure"], quick + ["--no-cache"], quick + ["--path", "host-copy"],
        quick + ["--prefer=-opaque-fd,-dma-buf-import,-dma-buf-export,-host-copy"],
        quick + ["--path", "dma-buf-import"],
        quick + ["--explain", "dma-buf-import"], quick + ["--explain", "dma-buf-export"],
        quick + ["--explain", "opaque-fd"], quick + ["--explain", "host-copy"],
        ["--explain", "opaque-fd", "--pixel-format", "bgra8", "--size", "5x3"],
      ])
    func whatIsPrintedFits(arguments: [String]) throws {
      try expectFits([try run(arguments)], arguments)
    }

    @Test func anAnswerFromTheCacheFits() throws {
      let folder = try TemporaryFolder()
      let documents = try (1...2).map { _ in try run(Self.quick, environment: ["XDG_CACHE_HOME": folder.path("")]) }
      #expect(documents[1].contains("\"cached\" : true"))
      try expectFits(documents, Self.quick)
    }

    @Test func withoutTheHelperItFits() throws {
      let documents = try [["--no-cache"], ["--explain", "opaque-fd"]].map {
        try run(Self.quick + $0, environment: ["GL_VULKAN_INTEROP_PROBE": "none"])
      }
      #expect(documents[0].contains("\"probedIn\" : \"this-process\""))
      try expectFits(documents, ["without the helper"])
    }

    @Test(arguments: [noVulkan, noEGL])
    func aMachineWithoutDriversFits(environment: [String: String?]) throws {
      // A library that is named and does not work is status 1, and nothing is printed. So none is named.
      let documents = try [[], ["--explain", "opaque-fd"]].map {
        try run(Self.quick + $0 + ["--gl", "surfaceless"], environment: environment, expecting: 1)
      }
      try expectFits(documents.filter { !$0.isEmpty }, ["\(environment)"])
      let unnamed = try Program(CapsTests.path, ["--format", "json"], environment: environment).wait()
      #expect(unnamed.status == 4)
      try expectFits([unnamed.output], ["\(environment)"])
    }

    /// Each of these breaks a document that fits. Statements of Python.
    private static let breaks = [
      "del report['schema']", "report['schema'] = 2", "report['schema'] = '1'", "del report['pairs']",
      "report['pairs'] = []", "report['pairs'] = pair",
      "del pair['choice']", "pair['probedIn'] = 'elsewhere'", "pair['probedIn'] = 'nowhere'", "pair['cached'] = 0",
      "pair['sameDevice'] = 'yes'", "pair['warnings'] = None", "pair['warnings'] = ['']", "pair['cells'] = []",
      "pair['cells'] = [bad]", "pair['gl']['deviceUUID'] = '6d65'", "pair['gl']['driverUUID'] = 'g' * 32",
      "del pair['gl']['renderer']", "pair['vulkan']['apiVersion'] = '1.3'", "pair['vulkan']['driverName'] = None",
      "pair['queueFamilies'][0]['index'] = -1", "pair['queueFamilies'][0]['capabilities'] = ['video']",
      "del pair['queueFamilies'][0]['bareSubmitMicroseconds']", "pair['choice']['queueFamily'] = 'first'",
      "pair['choice']['mode'] = 'magic'", "pair['choice']['reason'] = ''", "del pair['choice']['tiling']",
      "del pair['choice']['modifiers']", "pair['choice']['modifiers'] = None",
      "pair['choice']['modifiers'] = ['linear']", "pair['choice']['modifiers'] = ['0x0', '0x0']",
      "pair['choice']['modifiers'] = ['0x0']", "good['modifier'] = '0x0'", "good['modifier'] = 'linear'",
      "good['modifier'] = 0",
      "good['tiling'] = 'drm-modifier'", "buffer['tiling'] = 'linear'", "buffer['modifier'] = '0X0'",
      "buffer['modifier'] = '0x' + '0' * 17",
      "pair['choice']['handoverMicroseconds']['p50'] = -1", "del pair['choice']['handoverMicroseconds']['p99']",
      "good['verdict'] = 'perfect'", "good['verdict'] = 'failed'", "good['verdict'] = 'not-tried'",
      "good['reason'] = 'it works'", "good['step'] = 'glFlush'", "good['code'] = 'timeout'", "good['missing'] = ['GL']",
      "del good['modifier']", "del good['waits']", "good['waits']['gl'] = 'hoped'", "del good['waits']['vulkan']",
      "good['size'] = '64'", "good['size'] = '64x'", "good['size'] = '0x32'", "good['size'] = 64", "good['mode'] = 1",
      "good['direction'] = 'sideways'", "good['tiling'] = None", "good['path'] = ''", "good['sync'] = 'hope for it'",
      "good['queueFamily'] = 0.5", "good['queueFamilyCosts'] = None", "good['handoverMicroseconds'] = 12.5",
      "good['quirks'] = ['No Name']", "good['quirks'] = None",
      "bad['missing'] = []", "bad['missing'] = 'GL'", "bad['reason'] = None", "bad['step'] = None", "bad['step'] = ''",
      "bad['code'] = None", "bad['code'] = 'Not a code'", "bad['verdict'] = 'verified'", "bad['verdict'] = 'not-tried'",
      "bad['waits'] = {'gl': 'held-back', 'vulkan': 'held-back'}", "bad['handoverMicroseconds'] = {'p50': 1, 'p99': 2}",
      "del explained['schema']", "explained['explanations'] = []", "del cell['sync']",
      "cell['verdict'] = 'unsupported'", "del step['stopped']", "step['stopped'] = True", "step['title'] = None",
      "step['calls'] = [{'name': 'glFinish'}]", "step['calls'] = [{'name': 'glFinish', 'count': 0}]",
      "step['calls'] = [{'name': 'finish', 'count': 1}]",
    ]

    @Test func whatIsWrongIsRefused() throws {
      let documents = [try run(Self.quick), try run(Self.quick + ["--explain", "host-copy"])]
      let script = """
        for line in ["pass"] + sys.argv[4].splitlines():
          report, explained = map(read, sys.argv[2:4])
          pair = next(pair for pair in report["pairs"] if pair["choice"])
          good, bad = [cell for cell in pair["cells"] if cell["verdict"] == "verified"][:2]
          bad.update(verdict="unsupported", code="unsupported", step="glFlush", reason="no", missing=["GL"], waits=None)
          bad.update(handoverMicroseconds=None, queueFamilyCosts=[])
          buffer = next(cell for cell in pair["cells"] if cell["path"].startswith("dma-buf"))
          cell = explained["explanations"][0]["cell"]
          step = explained["explanations"][0]["steps"][0]
          exec(line)
          if bool(problems(report) + problems(explained)) == (line == "pass"): print("wrong:", line)
        """
      guard let output = try python(script, documents, [Self.breaks.joined(separator: "\n")]) else { return }
      #expect(output.isEmpty, "\(output)")
    }

    /// Lists of names in the schema are open, for readers; what there is today must be in them.
    @Test func theNamesOfTodayAreInTheSchema() throws {
      guard let file = PackageFile.path("docs/interop-caps.schema.json") else { return }
      let schema = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
      func examples(_ keys: String...) throws -> Set<String> {
        var object = schema as? [String: Any]
        for key in ["$defs"] + keys { object = object?[key] as? [String: Any] }
        return Set(try #require(object?["examples"] as? [String]))
      }
      let report = try JSONSerialization.jsonObject(with: Data(try run(["--no-probe"]).utf8)) as? [String: Any]
      let pairs = try #require(report?["pairs"] as? [[String: Any]])
      let cells = try #require(pairs.first?["cells"] as? [[String: Any]])
      func names(_ key: String) -> Set<String> { Set(cells.compactMap { $0[key] as? String }) }
      #expect(try names("path") == examples("path"))
      #expect(try names("sync") == examples("sync"))
      #expect(try names("pixelFormat") == examples("cell", "properties", "pixelFormat"))
    }

    // MARK: Running

    /// - Parameter other: a status that counts beside those of an answer.
    private func run(
      _ arguments: [String], environment: [String: String?] = [:], expecting other: Int32 = 0
    ) throws -> String {
      var arguments = arguments + ["--format", "json"] + TestStack.layers.flatMap { ["--vulkan-layer", $0] }
      if let library = TestStack.eglLibrary, !arguments.contains("--gl") { arguments += ["--gl", "angle:\(library)"] }
      let result = try Program(CapsTests.path, arguments, environment: environment).wait()
      let isAnswer = [0, 3, 4, other].contains(result.status)
      #expect(isAnswer, "\(arguments): status \(result.status), \(result.errors)")
      return result.output
    }

    private func expectFits(_ documents: [String], _ what: [String]) throws {
      let script = """
        for file in sys.argv[2:]:
          for problem in problems(read(file))[:8]: print(problem)
        """
      guard let output = try python(script, documents) else { return }
      #expect(output.isEmpty, "\(what): \(output)")
    }

    /// Runs a script that gets the documents as files.
    ///
    /// - Returns: what it printed; nil where there is no validator.
    private func python(_ script: String, _ documents: [String], _ arguments: [String] = []) throws -> String? {
      guard let schema = PackageFile.path("docs/interop-caps.schema.json") else { return nil }
      let begin = """
        import json, sys
        try: from jsonschema import Draft202012Validator
        except ImportError: sys.exit(77)
        def read(file):
          with open(file) as text: return json.load(text)
        schema = read(sys.argv[1])
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        def problems(document):
          errors = validator.iter_errors(document)
          return ["/".join(map(str, error.absolute_path)) + ": " + error.message[:200] for error in errors]

        """
      let folder = try TemporaryFolder()
      let files = documents.indices.map { folder.path("\($0).json") }
      for (file, document) in zip(files, documents) { try Data(document.utf8).write(to: URL(fileURLWithPath: file)) }
      // Not python3: another one that comes first in PATH lacks Debian's modules.
      let interpreter = "/usr/bin/python3"
      guard FileManager.default.isExecutableFile(atPath: interpreter) else {
        TestStack.skip("JSON against its schema: no \(interpreter)")
        return nil
      }
      let result = try Program(interpreter, ["-c", begin + script, schema] + files + arguments).wait()
      if result.status == 77 {
        TestStack.skip("JSON against its schema: no jsonschema for Python (Debian's python3-jsonschema)")
        return nil
      }
      #expect(result.status == 0, "\(result.errors)")
      return result.output
    }
  }
}
