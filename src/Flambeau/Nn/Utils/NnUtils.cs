using Flambeau.Optim;

namespace Flambeau.Nn;

/// <summary>Helpers around modules and their parameters. PyTorch's <c>torch.nn.utils</c>.</summary>
public static class NnUtils
{
    // ---- gradients and parameters ----

    /// <inheritdoc cref="ClipGrad.NormInPlace"/>
    public static Tensor ClipGradNormInPlace(IEnumerable<Tensor> parameters, double maxNorm, double normType = 2, bool errorIfNonfinite = false) =>
        ClipGrad.NormInPlace(parameters, maxNorm, normType, errorIfNonfinite);

    /// <inheritdoc cref="ClipGrad.ValueInPlace"/>
    public static void ClipGradValueInPlace(IEnumerable<Tensor> parameters, double clipValue) => ClipGrad.ValueInPlace(parameters, clipValue);

    /// <summary>All elements of all parameters, one after another.</summary>
    public static Tensor ParametersToVector(IEnumerable<Tensor> parameters) => Tensor.Cat([.. parameters.Select(p => p.Flatten())]);

    /// <summary>Takes the elements of a vector over into parameters, in order.</summary>
    /// <exception cref="ArgumentException">The vector has another number of elements.</exception>
    public static void VectorToParameters(Tensor vec, IEnumerable<Tensor> parameters)
    {
        Tensor[] all = [.. parameters];
        if (vec.Rank != 1 || vec.Count != all.Sum(p => p.Count)) throw new ArgumentException($"VectorToParameters: a vector of shape {vec.Shape} for {all.Sum(p => p.Count)} elements.", nameof(vec));
        using var _ = Autograd.NoGrad();
        long at = 0;
        foreach (Tensor p in all)
        {
            p.CopyInPlace(vec.Narrow(0, at, p.Count).Reshape(p.Shape));
            at += p.Count;
        }
    }

    /// <summary>Makes a module without drawing first values, with memory that holds whatever it did.</summary>
    /// <param name="make">Makes it.</param>
    /// <param name="device">Where it is to lie.</param>
    public static TModule SkipInit<TModule>(Func<TModule> make, Device device = default) where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(make);
        TModule m;
        using (Device.Meta.Use()) m = make();
        return m.ToEmpty(device);
    }

    /// <summary>Lays the weights of all 2-D convolutions inside a module in another order of axes in memory; their values stay.</summary>
    public static TModule ConvertConv2dWeightMemoryFormat<TModule>(TModule module, MemoryFormat memoryFormat) where TModule : Module
    {
        using var _ = Autograd.NoGrad();
        foreach (ConvBase c in module.Modules().OfType<ConvBase>())
            if (c.Weight.Rank == 4) c.Weight.SetData(c.Weight.Detach().Contiguous(memoryFormat));
        return module;
    }

    // ---- convolution and batch norm as one ----

    /// <summary>A convolution that does what the given one and a batch norm after it do in evaluation. Both must be in evaluation mode.</summary>
    /// <param name="conv">The convolution; it stays as it is.</param>
    /// <param name="bn">The batch norm.</param>
    /// <param name="make">Makes a convolution of the same shape, with a bias.</param>
    /// <exception cref="ArgumentException">One is in training mode, or the norm has no running statistics.</exception>
    public static TConv FuseConvBnEval<TConv>(TConv conv, RunningNorm bn, Func<TConv> make) where TConv : ConvBase
    {
        ArgumentNullException.ThrowIfNull(make);
        if (conv.IsTraining || bn.IsTraining) throw new ArgumentException("FuseConvBnEval: call Eval() on both modules first; in training, batch norms look at the batch.");
        if (bn.RunningMean is null || bn.RunningVar is null) throw new ArgumentException("FuseConvBnEval: the batch norm has no running statistics.", nameof(bn));
        TConv y = make();
        (y.Weight, y.Bias) = FuseConvBnWeights(conv.Weight, conv.Bias, bn.RunningMean, bn.RunningVar, bn.Eps, bn.Weight, bn.Bias, conv is ConvTranspose1d or ConvTranspose2d or ConvTranspose3d);
        y.Eval();
        return y;
    }

    /// <summary>Weight and bias of a convolution with a batch norm put in.</summary>
    /// <param name="convW">The convolution's weight.</param>
    /// <param name="convB">Its bias, or null.</param>
    /// <param name="bnRm">The norm's running means.</param>
    /// <param name="bnRv">Its running variances.</param>
    /// <param name="bnEps">What is added to them.</param>
    /// <param name="bnW">Its factors, or null.</param>
    /// <param name="bnB">Its summands, or null.</param>
    /// <param name="transpose">Whether the convolution is a transposed one, whose weight has the outputs second.</param>
    public static (Parameter Weight, Parameter Bias) FuseConvBnWeights(Tensor convW, Tensor? convB, Tensor bnRm, Tensor bnRv, double bnEps, Tensor? bnW, Tensor? bnB, bool transpose = false)
    {
        using var _ = Autograd.NoGrad();
        Tensor factor = (bnRv + bnEps).Rsqrt() * (bnW ?? Tensor.OnesLike(bnRm));
        long[] shape = new long[convW.Rank];
        Array.Fill(shape, 1);
        shape[transpose ? 1 : 0] = -1;
        Tensor bias = ((convB ?? Tensor.ZerosLike(bnRm)) - bnRm) * factor + (bnB ?? Tensor.ZerosLike(bnRm));
        return (new((convW * factor.Reshape(shape)).To(convW.DType), convW.RequiresGrad), new(bias.To(convW.DType), convB?.RequiresGrad ?? convW.RequiresGrad));
    }

    /// <summary>As <see cref="FuseConvBnWeights"/> for a linear map.</summary>
    /// <inheritdoc cref="FuseConvBnWeights"/>
    public static (Parameter Weight, Parameter Bias) FuseLinearBnWeights(Tensor linearW, Tensor? linearB, Tensor bnRm, Tensor bnRv, double bnEps, Tensor? bnW, Tensor? bnB) =>
        FuseConvBnWeights(linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB);

    /// <summary>As <see cref="FuseConvBnEval"/> for a linear map.</summary>
    /// <exception cref="ArgumentException">One is in training mode, or the norm has no running statistics.</exception>
    public static Linear FuseLinearBnEval(Linear linear, RunningNorm bn)
    {
        if (linear.IsTraining || bn.IsTraining) throw new ArgumentException("FuseLinearBnEval: call Eval() on both modules first; in training, batch norms look at the batch.");
        if (bn.RunningMean is null || bn.RunningVar is null) throw new ArgumentException("FuseLinearBnEval: the batch norm has no running statistics.", nameof(bn));
        (Parameter weight, Parameter bias) = FuseLinearBnWeights(linear.Weight, linear.Bias, bn.RunningMean, bn.RunningVar, bn.Eps, bn.Weight, bn.Bias);
        Linear y = SkipInit(() => new Linear(linear.Weight.Size(1), linear.Weight.Size(0)));
        (y.Weight, y.Bias) = (weight, bias);
        y.Eval();
        return y;
    }

    // ---- the older forms of parametrizations, with names of their own in state dicts ----

    /// <summary>Length and direction learned apart, as <c>weight_g</c> and <c>weight_v</c>. <see cref="Parametrizations.WeightNorm"/> is the newer form.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="dim">The axis along which each slice has a length of its own; null for one length of all.</param>
    public static TModule WeightNorm<TModule>(TModule module, string name = "weight", int? dim = 0) where TModule : Module
    {
        Parameter target = module.ParameterOf(name);
        WeightNormed how = new(dim);
        Parameter[] parts;
        using (Autograd.NoGrad()) parts = [.. how.RightInverse(target.Detach()).Select(t => new Parameter(t.Clone()))];
        module.Derive(new(name, target, nameof(WeightNorm), [(name + "_g", parts[0]), (name + "_v", parts[1])], () => how.Forward(parts)));
        return module;
    }

    /// <summary>Undoes <see cref="WeightNorm"/>; the parameter keeps its value.</summary>
    /// <exception cref="ArgumentException">There is nothing to undo.</exception>
    public static TModule RemoveWeightNorm<TModule>(TModule module, string name = "weight") where TModule : Module => Remove(module, name, nameof(WeightNorm));

    /// <summary>A matrix by its largest singular value, learned as <c>weight_orig</c>. <see cref="Parametrizations.SpectralNorm"/> is the newer form.</summary>
    /// <inheritdoc cref="Parametrizations.SpectralNorm"/>
    public static TModule SpectralNorm<TModule>(TModule module, string name = "weight", int nPowerIterations = 1, double eps = 1e-12, int? dim = null) where TModule : Module
    {
        Parameter target = module.ParameterOf(name), original = new(target.Detach().Clone(), target.RequiresGrad);
        SpectralNormed how = new(target, nPowerIterations, dim ?? Parametrizations.DimOf(module), eps);
        List<(string, object)> members = [(name + "_orig", original)];
        if (how.U is not null) members.AddRange([(name + "_u", how.U), (name + "_v", how.V!)]);
        module.Derive(new(name, target, nameof(SpectralNorm), members, () =>
        {
            if (how.IsTraining != module.IsTraining) how.Train(module.IsTraining);
            return how.Forward([original]);
        }));
        return module;
    }

    /// <summary>Undoes <see cref="SpectralNorm"/>; the parameter keeps its value.</summary>
    /// <exception cref="ArgumentException">There is nothing to undo.</exception>
    public static TModule RemoveSpectralNorm<TModule>(TModule module, string name = "weight") where TModule : Module => Remove(module, name, nameof(SpectralNorm));

    static TModule Remove<TModule>(TModule module, string name, string kind) where TModule : Module
    {
        Derived d = module.DerivedParameters.FirstOrDefault(d => d.Name == name && (string)d.Kind == kind)
            ?? throw new ArgumentException($"{kind} was not applied to '{name}' of {module.GetType().Name}.", nameof(name));
        d.Update();
        module.Underive(d);
        d.Target.SetData(d.Target.Detach().Clone());
        return module;
    }
}
