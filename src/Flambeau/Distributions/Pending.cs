namespace Flambeau.Distributions;
internal static class Linalg
{
    public static Tensor Cholesky(Tensor a, bool upper = false) => throw new NotImplementedException();
    public static Tensor SolveTriangular(Tensor a, Tensor b, bool upper, bool left = true, bool unitriangular = false) => throw new NotImplementedException();
    public static (Tensor L, Tensor Info) CholeskyEx(Tensor a) => throw new NotImplementedException();
    public static Tensor Eigvalsh(Tensor a) => throw new NotImplementedException();
}
