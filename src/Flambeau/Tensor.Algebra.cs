using Flambeau.Ops;

namespace Flambeau;

/// <summary>Tensors are an algebra too: a body applied to them is a composition that can be differentiated again.</summary>
public partial class Tensor : IReal<Tensor>
{
    static Tensor IField<Tensor>.Const(double value) => value;
    static Tensor IField<Tensor>.Map<TOp>(TOp op, Tensor x) => x.Map(op);
    static Tensor IField<Tensor>.Map<TOp>(TOp op, Tensor a, Tensor b) => a.Zip(op, b);
    static Tensor IField<Tensor>.Exp(Tensor x) => x.Exp();
    static Tensor IField<Tensor>.Log(Tensor x) => x.Log();
    static Tensor IField<Tensor>.Sqrt(Tensor x) => x.Sqrt();
    static Tensor IField<Tensor>.Sin(Tensor x) => x.Sin();
    static Tensor IField<Tensor>.Cos(Tensor x) => x.Cos();
    static Tensor IField<Tensor>.Tan(Tensor x) => x.Tan();
    static Tensor IField<Tensor>.Asin(Tensor x) => x.Asin();
    static Tensor IField<Tensor>.Acos(Tensor x) => x.Acos();
    static Tensor IField<Tensor>.Atan(Tensor x) => x.Atan();
    static Tensor IField<Tensor>.Sinh(Tensor x) => x.Sinh();
    static Tensor IField<Tensor>.Cosh(Tensor x) => x.Cosh();
    static Tensor IField<Tensor>.Tanh(Tensor x) => x.Tanh();
    static Tensor IField<Tensor>.Asinh(Tensor x) => x.Asinh();
    static Tensor IField<Tensor>.Acosh(Tensor x) => x.Acosh();
    static Tensor IField<Tensor>.Atanh(Tensor x) => x.Atanh();
    static Tensor IField<Tensor>.Abs(Tensor x) => x.Abs();
    static Tensor IField<Tensor>.Conj(Tensor x) => x.Conj();
    static Tensor IReal<Tensor>.Floor(Tensor x) => x.Floor();
    static Tensor IReal<Tensor>.Ceil(Tensor x) => x.Ceil();
    static Tensor IReal<Tensor>.Round(Tensor x) => x.Round();
    static Tensor IReal<Tensor>.Trunc(Tensor x) => x.Trunc();
    static Tensor IReal<Tensor>.Not(Tensor x) => x.LogicalNot();
    static Tensor IReal<Tensor>.Expm1(Tensor x) => x.Expm1();
    static Tensor IReal<Tensor>.Log1p(Tensor x) => x.Log1p();
    static Tensor IReal<Tensor>.Erf(Tensor x) => x.Erf();
    static Tensor IReal<Tensor>.Erfc(Tensor x) => x.Erfc();
    static Tensor IReal<Tensor>.Lgamma(Tensor x) => x.Lgamma();
    static Tensor IReal<Tensor>.Digamma(Tensor x) => x.Digamma();
    static Tensor IField<Tensor>.Pow(Tensor a, Tensor b) => a.Pow(b);
    static Tensor IField<Tensor>.Equal(Tensor a, Tensor b) => a.Eq(b);
    static Tensor IReal<Tensor>.Fmod(Tensor a, Tensor b) => a.Fmod(b);
    static Tensor IReal<Tensor>.Min(Tensor a, Tensor b) => a.Minimum(b);
    static Tensor IReal<Tensor>.Max(Tensor a, Tensor b) => a.Maximum(b);
    static Tensor IReal<Tensor>.CopySign(Tensor a, Tensor b) => a.CopySign(b);
    static Tensor IReal<Tensor>.Less(Tensor a, Tensor b) => a.Lt(b);
    static Tensor IReal<Tensor>.LessEqual(Tensor a, Tensor b) => a.Le(b);
    static Tensor IReal<Tensor>.And(Tensor a, Tensor b) => a.LogicalAnd(b);
    static Tensor IReal<Tensor>.Or(Tensor a, Tensor b) => a.LogicalOr(b);
    static Tensor IReal<Tensor>.Atan2(Tensor a, Tensor b) => a.Atan2(b);
    static Tensor IReal<Tensor>.Fma(Tensor a, Tensor b, Tensor c) => a * b + c;
    static Tensor IField<Tensor>.Where(Tensor mask, Tensor yes, Tensor no) => Where(mask, yes, no);
}
