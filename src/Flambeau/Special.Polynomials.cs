using Flambeau.Ops;

namespace Flambeau;

// Orthogonal polynomials.
public static partial class Special
{
    /// <param name="family">Which polynomials.</param>
    /// <param name="shifted">Whether at 2x − 1.</param>
    /// <param name="input">Where.</param>
    /// <param name="n">The degrees, of which the integer part counts: 0 for negative ones, NaN beyond 10⁷. They broadcast with the input.</param>
    /// <returns>Floating point, also of integers. PyTorch has no derivatives of these: deriving throws <see cref="NotSupportedException"/>.</returns>
    /// <exception cref="ArgumentException">Both are numbers, or shapes do not broadcast.</exception>
    static Tensor Polynomial(PolynomialFamily family, bool shifted, Tensor input, Tensor n) => Zip(new OrthogonalPolynomial(family, shifted), input, n);

    /// <summary>Chebyshev's polynomial of the first kind, of degree n. <c>torch.special.chebyshev_polynomial_t</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ChebyshevPolynomialT(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevT, false, input, n);

    /// <summary>Chebyshev's polynomial of the second kind, of degree n. <c>torch.special.chebyshev_polynomial_u</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ChebyshevPolynomialU(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevU, false, input, n);

    /// <summary>Chebyshev's polynomial of the third kind, of degree n. <c>torch.special.chebyshev_polynomial_v</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ChebyshevPolynomialV(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevV, false, input, n);

    /// <summary>Chebyshev's polynomial of the fourth kind, of degree n. <c>torch.special.chebyshev_polynomial_w</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ChebyshevPolynomialW(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevW, false, input, n);

    /// <summary>Chebyshev's polynomial of the first kind at 2x − 1, of degree n. <c>torch.special.shifted_chebyshev_polynomial_t</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ShiftedChebyshevPolynomialT(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevT, true, input, n);

    /// <summary>Chebyshev's polynomial of the second kind at 2x − 1, of degree n. <c>torch.special.shifted_chebyshev_polynomial_u</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ShiftedChebyshevPolynomialU(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevU, true, input, n);

    /// <summary>Chebyshev's polynomial of the third kind at 2x − 1, of degree n. <c>torch.special.shifted_chebyshev_polynomial_v</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ShiftedChebyshevPolynomialV(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevV, true, input, n);

    /// <summary>Chebyshev's polynomial of the fourth kind at 2x − 1, of degree n. <c>torch.special.shifted_chebyshev_polynomial_w</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor ShiftedChebyshevPolynomialW(Tensor input, Tensor n) => Polynomial(PolynomialFamily.ChebyshevW, true, input, n);

    /// <summary>Hermite's polynomial of the physicists, of degree n. <c>torch.special.hermite_polynomial_h</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor HermitePolynomialH(Tensor input, Tensor n) => Polynomial(PolynomialFamily.HermiteH, false, input, n);

    /// <summary>Hermite's polynomial of probability, of degree n. <c>torch.special.hermite_polynomial_he</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor HermitePolynomialHe(Tensor input, Tensor n) => Polynomial(PolynomialFamily.HermiteHe, false, input, n);

    /// <summary>Laguerre's polynomial, of degree n. <c>torch.special.laguerre_polynomial_l</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor LaguerrePolynomialL(Tensor input, Tensor n) => Polynomial(PolynomialFamily.LaguerreL, false, input, n);

    /// <summary>Legendre's polynomial, of degree n. <c>torch.special.legendre_polynomial_p</c>.</summary>
    /// <inheritdoc cref="Polynomial"/>
    public static Tensor LegendrePolynomialP(Tensor input, Tensor n) => Polynomial(PolynomialFamily.LegendreP, false, input, n);
}
