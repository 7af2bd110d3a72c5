import Foundation
import GLVulkanInterop
import InteropPrograms
import Testing

extension Bitmap.Color {
  init(_ color: (red: UInt8, green: UInt8, blue: UInt8)) {
    self.init(red: color.red, green: color.green, blue: color.blue)
  }
}

extension Bitmap {
  /// The triangle, turned by `degrees` counter-clockwise, the right way up, in the middle, not distorted.
  func expectTriangle(degrees: Double, sourceLocation: SourceLocation = #_sourceLocation) {
    let (half, angle) = (Double(min(size.width, size.height)) / 2, degrees * .pi / 180)
    for corner in Triangle.corners {
      // A tenth of the way in: there the corner's colour is strongest and no edge near.
      let (x, y) = (corner.x * 0.9, corner.y * 0.9)
      let column = Int(Double(size.width) / 2 + (x * cos(angle) - y * sin(angle)) * half)
      let row = Int(Double(size.height) / 2 - (x * sin(angle) + y * cos(angle)) * half)
      #expect(
        self[column, row].isNear(Color(corner.color), within: 40),
        "at \(column), \(row) of \(size) is \(self[column, row]), \(corner.color) expected",
        sourceLocation: sourceLocation)
    }
    #expect(
      self[size.width / 2, size.height / 2].isNear(Color(red: 85, green: 85, blue: 85), within: 6),
      sourceLocation: sourceLocation)
    expectBackgroundInCorners(sourceLocation: sourceLocation)
  }

  func expectBackgroundInCorners(sourceLocation: SourceLocation = #_sourceLocation) {
    for (x, y) in [(0, 0), (size.width - 1, 0), (0, size.height - 1), (size.width - 1, size.height - 1)] {
      #expect(self[x, y].isNear(Color(Triangle.background), within: 1), "at \(x), \(y)", sourceLocation: sourceLocation)
    }
  }

  /// As ``expectTriangle(degrees:sourceLocation:)`` at whatever angle: a picture upside down has its corners in the
  /// other order, a stretched one has them at other distances.
  func hasTriangleAtSomeAngle() -> Bool {
    let half = Double(min(size.width, size.height)) / 2
    let found = Triangle.corners.compactMap { corner -> (angle: Double, radius: Double)? in
      var (count, sumX, sumY) = (0.0, 0.0, 0.0)
      for y in 0..<size.height {
        for x in 0..<size.width where self[x, y].isNear(Color(corner.color), within: 40) {
          count += 1
          sumX += Double(x) + 0.5 - Double(size.width) / 2
          sumY += Double(size.height) / 2 - Double(y) - 0.5
        }
      }
      return count == 0 ? nil : (atan2(sumY, sumX), hypot(sumX, sumY) / count / half)
    }
    guard found.count == 3 else { return false }
    let clockwise = [0, 1].allSatisfy { index in
      let turn = (found[index].angle - found[index + 1].angle + 2 * .pi).truncatingRemainder(dividingBy: 2 * .pi)
      return abs(turn - 2 * .pi / 3) < 0.1
    }
    return clockwise && found.allSatisfy { (0.65...0.8).contains($0.radius) }
      && self[0, 0].isNear(Color(Triangle.background), within: 1)
      && self[size.width - 1, size.height - 1].isNear(Color(Triangle.background), within: 1)
  }
}
