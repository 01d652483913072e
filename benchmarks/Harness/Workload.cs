using Flambeau.Nn;
using Flambeau.Optim;

namespace Flambeau.Benchmarks;

/// <summary>Both sides of a workload, ready to run. The peer's is only made when it is asked for.</summary>
/// <param name="Ours">One call.</param>
/// <param name="Peer">Makes the peer's call; who calls it disposes the result.</param>
sealed record Pair(Func<Tensor> Ours, Func<Func<T>> Peer);

/// <summary>One thing to measure.</summary>
/// <param name="Name">What it is, with its sizes.</param>
/// <param name="Build">Makes inputs, parameters and both calls.</param>
sealed record Workload(string Name, Func<Pair> Build)
{
    /// <summary>The part of the table where it stands.</summary>
    public string Group { get; init; } = "";

    /// <summary>The floating-point operations that the result needs; 0 if they are not what bounds it.</summary>
    public double Flops { get; init; }

    /// <summary>Bytes of a number: the peak of multiply-adds is that of float32, and half of it for float64.</summary>
    public int NumberBytes { get; init; } = 4;

    /// <summary>The bytes that must come from and go to memory, if those are what bounds it.</summary>
    public double Bytes { get; init; }

    /// <summary>How far answers may be apart, as a fraction of the largest number of the peer's.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>How many calls in a row are compared: the loss of a third training step tells that the first two were the same.</summary>
    public int Checks { get; init; } = 1;

    /// <summary>An operation.</summary>
    public static Workload Op(string name, Input[] inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer, double flops = 0, double bytes = 0) => new(name, () =>
    {
        Tensor[] x = Ours(inputs);
        return new(() => ours(x), () =>
        {
            T[] y = Peers(inputs);
            return () => peer(y);
        });
    }) { Flops = flops, Bytes = bytes };

    /// <summary>The backward pass of an operation alone: the gradients of all inputs that want one, of a graph that is kept. The first is compared.</summary>
    public static Workload Backward(string name, Input[] inputs, Func<Tensor[], Tensor> ours, Func<T[], T> peer, double flops = 0, double bytes = 0) => new(name, () =>
    {
        Tensor[] x = Ours(inputs), leaves = [.. x.Where(t => t.RequiresGrad)];
        Tensor y = ours(x);
        Input seed = Input.Normal([.. y.Shape]);
        Tensor g = seed.Ours(inputs.Length);
        return new(() => Autograd.Grad([y], leaves, [g], retainGraph: true)[0]!, () =>
        {
            T[] px = Peers(inputs), pleaves = [.. px.Where(t => t.requires_grad)], pg = [seed.Peer(inputs.Length)], py = [peer(px)];
            return () =>
            {
                using DisposeScope scope = torch.NewDisposeScope();
                return torch.autograd.grad(py, pleaves, pg, retain_graph: true)[0].MoveToOuterDisposeScope();
            };
        });
    }) { Flops = flops, Bytes = bytes };

    /// <summary>A network without a tape, with the same weights on both sides.</summary>
    public static Workload Inference<TOurs, TPeer>(string name, Func<TOurs> module, Func<TPeer> peerModule, Input[] inputs, Func<TOurs, Tensor[], Tensor> ours, Func<TPeer, T[], T> peer,
        double flops = 0) where TOurs : Module where TPeer : torch.nn.Module => new(name, () =>
    {
        Generator.ManualSeed(0);
        TOurs m = module();
        m.Eval();
        Weights weights = new(m);
        Tensor[] x = Ours(inputs);
        return new(() =>
        {
            using (Autograd.InferenceMode()) return ours(m, x);
        }, () =>
        {
            TPeer p = peerModule();
            p.eval();
            weights.CopyTo(p);
            T[] y = Peers(inputs);
            return () =>
            {
                using DisposeScope scope = torch.NewDisposeScope();
                using (torch.inference_mode()) return peer(p, y).MoveToOuterDisposeScope();
            };
        });
    }) { Flops = flops, Tolerance = 1e-3 };

    /// <summary>A training step, from the same weights on both sides: forward, backward, optimizer. The losses of three steps are compared.</summary>
    public static Workload Training<TOurs, TPeer>(string name, Func<TOurs> module, Func<TPeer> peerModule, Input[] inputs, Func<TOurs, Tensor[], Tensor> loss, Func<TPeer, T[], T> peerLoss,
        Func<IEnumerable<Parameter>, Optimizer> optimizer, Func<IEnumerable<TorchSharp.Modules.Parameter>, torch.optim.Optimizer> peerOptimizer, double flops = 0)
        where TOurs : Module where TPeer : torch.nn.Module => new(name, () =>
    {
        Generator.ManualSeed(0);
        TOurs m = module();
        Weights weights = new(m);
        Tensor[] x = Ours(inputs);
        Optimizer o = optimizer(m.Parameters());
        return new(() =>
        {
            Tensor l = loss(m, x);
            o.ZeroGrad();
            l.Backward();
            o.Step();
            return l;
        }, () =>
        {
            TPeer p = peerModule();
            weights.CopyTo(p);
            T[] y = Peers(inputs);
            torch.optim.Optimizer po = peerOptimizer(p.parameters());
            return () =>
            {
                using DisposeScope scope = torch.NewDisposeScope();
                T l = peerLoss(p, y);
                po.zero_grad();
                l.backward();
                po.step();
                return l.MoveToOuterDisposeScope();
            };
        });
    }) { Flops = flops, Tolerance = 1e-3, Checks = 3 };

    static Tensor[] Ours(Input[] inputs) => [.. inputs.Select((x, i) => x.Ours(i))];

    static T[] Peers(Input[] inputs) => [.. inputs.Select((x, i) => x.Peer(i))];
}

/// <summary>The weights of one of our networks as they are now, to give to the peer's: the parameters stand in the same order there.</summary>
sealed class Weights(Module module)
{
    readonly (string Name, float[] Values, long[] Shape)[] _all = [.. module.NamedParameters().Select(p => (p.Name, p.Value.ToArray<float>(), (long[])[.. p.Value.Shape]))];

    public void CopyTo(torch.nn.Module peer)
    {
        (string name, TorchSharp.Modules.Parameter value)[] theirs = [.. peer.named_parameters()];
        if (theirs.Length != _all.Length) throw new InvalidOperationException($"We have {_all.Length} parameters, the peer has {theirs.Length}.");
        using IDisposable quiet = torch.no_grad();
        for (int i = 0; i < theirs.Length; i++)
        {
            if (!theirs[i].value.shape.AsSpan().SequenceEqual(_all[i].Shape))
                throw new InvalidOperationException($"Our parameter {_all[i].Name} ({string.Join(", ", _all[i].Shape)}) meets {theirs[i].name} ({string.Join(", ", theirs[i].value.shape)}).");
            using T values = torch.tensor(_all[i].Values, _all[i].Shape);
            theirs[i].value.copy_(values);
        }
    }
}
