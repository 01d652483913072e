using System.Collections.Concurrent;

namespace Flambeau.Distributions;

/// <summary>
/// The Kullback–Leibler divergence of one distribution from another. PyTorch's
/// <see href="https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.kl">torch.distributions.kl</see>.
/// </summary>
public static partial class Kl
{
    static readonly ConcurrentDictionary<(Type P, Type Q), Func<Distribution, Distribution, Tensor>> s_formulas = new();

    static Kl()
    {
        RegisterSameFamilies();
        RegisterContinuous();
        RegisterInfinite();
    }

    /// <summary>∫ p log p/q: how many nats are lost if q is taken for p. (batch)</summary>
    /// <exception cref="NotSupportedException">No formula is registered for these classes, or it does not hold for these parameters.</exception>
    public static Tensor KlDivergence(Distribution p, Distribution q)
    {
        // The formula of the nearest classes: the first distribution's counts first.
        for (Type? a = p.GetType(); a is not null && a != typeof(object); a = a.BaseType)
            for (Type? b = q.GetType(); b is not null && b != typeof(object); b = b.BaseType)
                if (s_formulas.TryGetValue((a, b), out var formula)) return formula(p, q);
        throw new NotSupportedException($"KlDivergence: no formula is known for {p.GetType().Name} and {q.GetType().Name}. Register one with Kl.RegisterKl, or estimate the mean of p.LogProb(x) − q.LogProb(x) over samples of p.");
    }

    /// <summary>States the divergence for two classes and those derived from them.</summary>
    public static void RegisterKl<TP, TQ>(Func<TP, TQ, Tensor> formula) where TP : Distribution where TQ : Distribution =>
        s_formulas[(typeof(TP), typeof(TQ))] = (p, q) => formula((TP)p, (TQ)q);

    /// <summary>The classes for which there are formulas.</summary>
    internal static IEnumerable<(Type P, Type Q)> Registered => s_formulas.Keys;

    static Tensor InfiniteWhere(Tensor condition, Tensor value) => Tensor.Where(condition, double.PositiveInfinity, value);

    static void CheckEvents(Distribution p, Distribution q)
    {
        if (p.EventShape != q.EventShape) throw new ArgumentException($"KlDivergence: events of shape {p.EventShape} and {q.EventShape} cannot be compared.");
    }
}
