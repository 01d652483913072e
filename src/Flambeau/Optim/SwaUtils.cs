using Flambeau.Nn;

namespace Flambeau.Optim;

/// <summary>The mean of what was averaged so far and a new value: <paramref name="averaged"/>, the new one, and how many values were averaged.</summary>
public delegate Tensor AvgFn(Tensor averaged, Tensor current, long numAveraged);

/// <summary>As <see cref="AvgFn"/>, in place, for many tensors at once.</summary>
public delegate void MultiAvgFn(IReadOnlyList<Tensor> averaged, IReadOnlyList<Tensor> current, long numAveraged);

/// <summary>Ways to average weights, and what a network with averaged weights needs. PyTorch's <c>torch.optim.swa_utils</c>.</summary>
public static class SwaUtils
{
    /// <summary>The exponential mean: decay · averaged + (1 − decay) · current.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The decay lies outside [0, 1].</exception>
    public static AvgFn GetEmaAvgFn(double decay = 0.999)
    {
        Check(decay);
        return (averaged, current, _) => averaged * decay + current * (1 - decay);
    }

    /// <summary>As <see cref="GetEmaAvgFn"/>, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The decay lies outside [0, 1].</exception>
    public static MultiAvgFn GetEmaMultiAvgFn(double decay = 0.999)
    {
        Check(decay);
        return (averaged, current, _) => Move(averaged, current, 1 - decay);
    }

    /// <summary>The plain mean of all values.</summary>
    public static AvgFn GetSwaAvgFn() => static (averaged, current, n) => averaged + (current - averaged) / (n + 1);

    /// <summary>As <see cref="GetSwaAvgFn"/>, in place.</summary>
    public static MultiAvgFn GetSwaMultiAvgFn() => static (averaged, current, n) => Move(averaged, current, 1.0 / (n + 1));

    static void Check(double decay)
    {
        if (!(decay is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, $"decay is {decay}; it must lie in [0, 1].");
    }

    static void Move(IReadOnlyList<Tensor> averaged, IReadOnlyList<Tensor> current, double weight)
    {
        for (int i = 0; i < averaged.Count; i++)
            if (averaged[i].DType.IsDifferentiable) averaged[i].LerpInPlace(current[i], weight);
            else averaged[i].CopyInPlace(averaged[i] * (1 - weight) + current[i] * weight);
    }

    /// <summary>
    /// Computes the running statistics of all batch norms anew from data, by one pass over it in training mode: averaged weights have seen none.
    /// The mode is afterwards as it was.
    /// </summary>
    /// <param name="loader">The data, in batches.</param>
    /// <param name="model">The network.</param>
    /// <param name="forward">Runs the network on a batch.</param>
    public static void UpdateBn<TBatch>(IEnumerable<TBatch> loader, Module model, Action<TBatch> forward)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(forward);
        (RunningNorm Norm, double? Momentum)[] norms = [.. model.Modules().OfType<RunningNorm>().Select(n => (n, n.Momentum))];
        if (norms.Length == 0) return;
        bool wasTraining = model.IsTraining;
        using var _ = Autograd.NoGrad();
        try
        {
            foreach ((RunningNorm n, double? _) in norms)
            {
                n.ResetRunningStats();
                n.Momentum = null;                                              // every batch weighs alike
            }
            model.Train();
            foreach (TBatch batch in loader) forward(batch);
        }
        finally
        {
            foreach ((RunningNorm n, double? momentum) in norms) n.Momentum = momentum;
            model.Train(wasTraining);
        }
    }

    /// <inheritdoc cref="UpdateBn{TBatch}"/>
    public static void UpdateBn(IEnumerable<Tensor> loader, UnaryModule model) => UpdateBn(loader, model, batch => model.Call(batch));
}

/// <summary>
/// A network whose weights are the average of another's: stochastic weight averaging (Izmailov et al., 2018) or an exponential mean. PyTorch's
/// <c>torch.optim.swa_utils.AveragedModel</c>; its state dict has the same names.
/// </summary>
/// <typeparam name="TModule">The kind of network.</typeparam>
public sealed class AveragedModel<TModule> : Module where TModule : Module
{
    readonly AvgFn? _avgFn;
    readonly MultiAvgFn _multiAvgFn;
    readonly bool _useBuffers;

    /// <summary>Begins with the weights of a network.</summary>
    /// <param name="model">The network that will be trained.</param>
    /// <param name="make">Makes another of the same architecture, which is to hold the averages.</param>
    /// <param name="avgFn">How one tensor is averaged; see <see cref="SwaUtils"/>.</param>
    /// <param name="multiAvgFn">How all are averaged; the plain mean, if neither is given.</param>
    /// <param name="useBuffers">Whether buffers are averaged too; if not, they are those of the network.</param>
    /// <exception cref="ArgumentException">Both ways are given, or the new network is of another architecture.</exception>
    public AveragedModel(TModule model, Func<TModule> make, AvgFn? avgFn = null, MultiAvgFn? multiAvgFn = null, bool useBuffers = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(make);
        if (avgFn is not null && multiAvgFn is not null) throw new ArgumentException("AveragedModel: give avgFn or multiAvgFn, not both.", nameof(multiAvgFn));
        (_avgFn, _multiAvgFn, _useBuffers) = (avgFn, multiAvgFn ?? SwaUtils.GetSwaMultiAvgFn(), useBuffers);
        Module = make();
        if (ReferenceEquals(Module, model)) throw new ArgumentException("AveragedModel: make must answer a new network, not the one that is trained.", nameof(make));
        Module.LoadStateDict(model.StateDict());
        Module.Train(model.IsTraining);
    }

    /// <summary>How many times the network's weights were taken in.</summary>
    public Buffer NAveraged { get; } = new(Tensor.Zeros([], DType.Int64));

    /// <summary>The network with the averages.</summary>
    public TModule Module { get; }

    /// <summary>Takes the present weights of the network in.</summary>
    /// <exception cref="ArgumentException">Its parameters are not those of the averages.</exception>
    public void UpdateParameters(TModule model)
    {
        Tensor[] mine = All(Module, _useBuffers), theirs = All(model, _useBuffers);
        if (mine.Length != theirs.Length || mine.Zip(theirs).Any(p => p.First.Shape != p.Second.Shape))
            throw new ArgumentException("AveragedModel: the network is of another architecture than its averages.", nameof(model));
        using var _ = Autograd.NoGrad();
        long n = NAveraged.Item<long>();
        if (n == 0) foreach ((Tensor to, Tensor from) in mine.Zip(theirs)) to.CopyInPlace(from);
        else if (_avgFn is null) _multiAvgFn([.. mine.Select(t => t.Detach())], [.. theirs.Select(t => t.Detach())], n);
        else foreach ((Tensor to, Tensor from) in mine.Zip(theirs)) to.CopyInPlace(_avgFn(to.Detach(), from.Detach(), n));
        if (!_useBuffers) foreach ((Buffer to, Buffer from) in Module.Buffers().Zip(model.Buffers())) to.CopyInPlace(from);
        NAveraged.AddInPlace(1);
    }

    static Tensor[] All(TModule m, bool buffers) => [.. m.Parameters(), .. buffers ? m.Buffers() : []];
}
