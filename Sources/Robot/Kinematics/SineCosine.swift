internal import Glibc

/// Sine and cosine of a joint angle together, to about one unit in the last place for |x| < 1e5 rad.
///
/// Reduction to ±π/4 in three parts (Cody and Waite) and the polynomials of fdlibm's kernels (Sun Microsystems 1993): the C library's `sincos` is
/// not visible to Swift, and two calls are most of a pose's cost.
@inline(__always) func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    // Beyond what the reduction holds for, and for what is no number.
    guard abs(x) < 1e6 else { return (sin(x), cos(x)) }
    let turns = (x * 0.636_619_772_367_581_343).rounded(.toNearestOrEven)
    var r = x - turns * 1.570_796_326_734_125_61
    r -= turns * 6.077_100_506_303_966e-11
    r -= turns * 2.022_266_248_795_950_6e-21
    let z = r * r
    var s = -2.505_076_025_340_686_341_95e-08 + z * 1.589_690_995_211_550_102_21e-10
    s = 2.755_731_370_707_006_767_89e-06 + z * s
    s = -1.984_126_982_985_794_931_34e-04 + z * s
    s = 8.333_333_333_322_489_461_24e-03 + z * s
    s = -1.666_666_666_666_663_243_48e-01 + z * s
    s = r + r * z * s
    var c = 2.087_572_321_298_174_827_90e-09 - z * 1.135_964_755_778_819_482_65e-11
    c = -2.755_731_435_139_066_330_35e-07 + z * c
    c = 2.480_158_728_947_672_941_78e-05 + z * c
    c = -1.388_888_888_887_410_957_49e-03 + z * c
    c = 4.166_666_666_666_660_190_37e-02 + z * c
    c = 1 - (0.5 * z - z * z * c)
    let quarter = Int(turns) & 3
    switch quarter {
    case 0: return (s, c)
    case 1: return (c, -s)
    case 2: return (-s, -c)
    default: return (-c, s)
    }
}
