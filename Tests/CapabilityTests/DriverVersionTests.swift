import Capability
import Testing

@Suite("Driver versions") struct DriverVersionTests {
  @Test func versionsAreReadOutOfVersionStrings() {
    #expect(DriverVersion.mesa(in: "4.5 (Core Profile) Mesa 22.3.6") == DriverVersion(22, 3, 6))
    #expect(DriverVersion.mesa(in: "OpenGL ES 3.2 Mesa 25.0.7-2~bpo12+1") == DriverVersion(25, 0, 7))
    #expect(DriverVersion.mesa(in: "4.6 (Core Profile) Mesa 24.1.0-devel (git-0123abc)") == DriverVersion(24, 1))
    #expect(DriverVersion.mesa(in: "Mesa 22.3.6 (LLVM 15.0.6)") == DriverVersion(22, 3, 6))
    #expect(DriverVersion.mesa(in: "3.1 Mesa 24") == DriverVersion(24))
    #expect(DriverVersion.nvidia(in: "4.6.0 NVIDIA 580.159.03") == DriverVersion(580, 159, 3))
    #expect(DriverVersion.nvidia(in: "OpenGL ES 3.2 NVIDIA 390.30") == DriverVersion(390, 30))
    #expect(DriverVersion.angle(in: "OpenGL ES 3.1 (ANGLE 2.1 git hash: unknown hash)") == DriverVersion(2, 1))
    #expect(DriverVersion.angle(in: "OpenGL ES 3.1.0 (ANGLE 2.1.24218 git hash: 6c1e8d2b0e3f)")?.patch == 24218)
  }

  @Test(arguments: [
    "", "Mesa", "Mesa ", "Mesa x", "Mesa .1", "mesa 22.3.6", "Mesa\u{301} 22", "4.6.0", "Mesa 99999999999999999999.1",
    "Mesa -1", "Mesa 𝟚𝟚.3", "NVIDIA", "(ANGLE", "(ANGLE )", "🙂", "\0", "Mesa DRI Intel",
  ])
  func nonsenseIsNoVersion(text: String) {
    #expect(DriverVersion.mesa(in: text) == nil)
    #expect(DriverVersion.nvidia(in: text) == nil)
    #expect(DriverVersion.angle(in: text) == nil)
  }

  @Test func whatIsOddIsReadAsFarAsItGoes() {
    #expect(DriverVersion("22.") == DriverVersion(22))
    #expect(DriverVersion("22..6") == DriverVersion(22, 0, 6))
    #expect(DriverVersion("1.2.3.4") == DriverVersion(1, 2, 3))
    #expect(DriverVersion("22.99999999999999999999") == DriverVersion(22))
    #expect(DriverVersion.mesa(in: "Mesa DRI, Mesa 8.0.4") == DriverVersion(8, 0, 4))
    #expect(DriverVersion.nvidia(in: "4.5 (Core Profile) Mesa 22.3.6") == nil)
    #expect(DriverVersion.mesa(in: "4.6.0 NVIDIA 580.159.03") == nil)
  }

  @Test func versionsAreComparedByNumber() {
    let ascending = [
      DriverVersion(9, 9, 9), DriverVersion(22, 3, 6), DriverVersion(22, 3, 10), DriverVersion(22, 10),
      DriverVersion(23), DriverVersion(25, 0, 7),
    ]
    #expect(ascending.shuffled().sorted() == ascending)
    #expect(DriverVersion(22) == DriverVersion(22, 0, 0))
    #expect(ascending[1].description == "22.3.6")
  }
}
