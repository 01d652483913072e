using static Flambeau.Tests.Operators.Arg;

namespace Flambeau.Tests.Operators;

public static partial class OpTable
{
    static IEnumerable<Row> SpecialFunctions()
    {
        yield return Map("special erfcx", Special.Erfcx) with { DTypes = Reals };
        yield return Map("special ndtr", Special.Ndtr) with { DTypes = Reals };
        yield return Map("special log_ndtr", Special.LogNdtr) with { DTypes = Reals };
        yield return Map("special ndtri", x => Special.Ndtri(x * 0.5 + 0.5), Domain.Unit);
        yield return Map("erfinv", x => x.Erfinv(), Domain.Unit) with { DTypes = Reals };
        yield return Map("special entr", Special.Entr, Domain.Positive) with { DTypes = Reals };
        yield return Map("i0", x => x.I0()) with { DTypes = Reals };
        yield return Map("special i0e", Special.I0e) with { DTypes = Reals };
        yield return Map("special i1", Special.I1) with { DTypes = Reals };
        yield return Map("special i1e", Special.I1e) with { DTypes = Reals };
        yield return Zip("xlogy", (a, b) => a.Xlogy(b), second: Domain.Positive) with { DTypes = Reals };
        yield return Zip("special xlog1py", Special.Xlog1py, second: Domain.Unit) with { DTypes = Reals };
        // The first argument has no derivative, as in PyTorch.
        yield return Zip("special zeta", (a, b) => Special.Zeta(a.Detach() + 1, b.Detach()), Domain.Positive, Domain.Positive) with { DTypes = Reals, Differentiable = false };
        yield return Zip("igamma", (a, b) => a.Detach().Igamma(b.Detach()), Domain.Positive, Domain.Positive) with { Differentiable = false };
        yield return Zip("igammac", (a, b) => a.Detach().Igammac(b.Detach()), Domain.Positive, Domain.Positive) with { Differentiable = false };
        yield return Map("special zeta other", x => Special.Zeta(2.5, x), Domain.Positive);
        yield return Map("igamma other", x => Tensor.FromScalar(2.5, x.DType).Igamma(x), Domain.Positive);
        yield return Map("igammac other", x => Tensor.FromScalar(2.5, x.DType).Igammac(x), Domain.Positive);
        // PyTorch has no derivatives of these.
        yield return Map("special airy_ai", x => Special.AiryAi(x.Detach() * 4)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special bessel_j0", x => Special.BesselJ0(x.Detach() * 8)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special bessel_j1", x => Special.BesselJ1(x.Detach() * 8)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special bessel_y0", x => Special.BesselY0(x.Detach() * 8)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special bessel_y1", x => Special.BesselY1(x.Detach() * 8)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special modified_bessel_k0", x => Special.ModifiedBesselK0(x.Detach() * 2)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special modified_bessel_k1", x => Special.ModifiedBesselK1(x.Detach() * 2)) with { DTypes = Reals, Differentiable = false };
        yield return Map("special scaled_modified_bessel_k0", x => Special.ScaledModifiedBesselK0(x.Detach())) with { Differentiable = false };
        yield return Map("special scaled_modified_bessel_k1", x => Special.ScaledModifiedBesselK1(x.Detach())) with { Differentiable = false };
        yield return Map("special spherical_bessel_j0", x => Special.SphericalBesselJ0(x.Detach() * 3)) with { DTypes = Reals, Differentiable = false };
        yield return Zip("special chebyshev_polynomial_t", (a, n) => Special.ChebyshevPolynomialT(a.Detach(), n.Detach() * 8), second: Domain.Positive) with { Differentiable = false };
        yield return Zip("special shifted_chebyshev_polynomial_w", (a, n) => Special.ShiftedChebyshevPolynomialW(a.Detach(), n.Detach() * 8), second: Domain.Positive) with { Differentiable = false };
        yield return Zip("special hermite_polynomial_h", (a, n) => Special.HermitePolynomialH(a.Detach(), n.Detach() * 3), second: Domain.Positive) with { Differentiable = false };

        yield return Map("sinc", x => x.Sinc()) with { DTypes = Complexes };
        yield return Map("logit", x => (x * 0.5 + 0.5).Logit(1e-3), Domain.Unit);
        yield return Map("mvlgamma", x => (x + 2).Mvlgamma(3), Domain.Positive) with { Tolerance = 1e-5, Tolerance64 = 1e-11 };
        yield return Zip("hypot", (a, b) => a.Hypot(b));
        yield return Zip("logaddexp", (a, b) => a.LogAddExp(b));
        yield return Zip("logaddexp2", (a, b) => a.LogAddExp2(b));
        yield return Zip("nextafter", (a, b) => a.Detach().NextAfter(b.Detach())) with { Differentiable = false };   // none in PyTorch either
        yield return Zip("ldexp", (a, b) => a.Ldexp(b)) with { DTypes = Complexes };
        yield return new Row("frexp", x => { (Tensor m, Tensor e) = x[0].Frexp(); return [m, e]; }, [[Real(3, 5)], [Positive(40)]]);
    }
}
