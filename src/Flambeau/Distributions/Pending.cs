namespace Flambeau.Distributions;
internal static class Linalg
{
    public static Tensor Cholesky(Tensor a, bool upper = false) => throw new NotImplementedException();
    public static Tensor SolveTriangular(Tensor a, Tensor b, bool upper, bool left = true, bool unitriangular = false) => throw new NotImplementedException();
    public static (Tensor Sign, Tensor LogAbsDet) Slogdet(Tensor a) => throw new NotImplementedException();
    public static (Tensor L, Tensor Info) CholeskyEx(Tensor a) => throw new NotImplementedException();
    public static Tensor Eigvalsh(Tensor a) => throw new NotImplementedException();
}
internal static class Special
{
    public static Tensor I0e(Tensor x) => throw new NotImplementedException();
    public static Tensor I1e(Tensor x) => throw new NotImplementedException();
}
internal static class PendingTensor
{
    public static Tensor Erfinv(this Tensor x) => throw new NotImplementedException();
    public static Tensor Igamma(this Tensor a, Tensor x) => throw new NotImplementedException();
    public static Tensor Igammac(this Tensor a, Tensor x) => throw new NotImplementedException();
}
