using Flambeau.Optim;

namespace Flambeau.Benchmarks.Workloads;

/// <summary>Steps alone, with gradients that stay: bound by reading and writing parameters, gradients and state once.</summary>
static class Optimizers
{
    const int Many = 16, Side = 512;
    const double All = 4.0 * Many * Side * Side;

    public static IEnumerable<Workload> Workloads =>
    [
        Of("SGD step", p => new Sgd(p, 1e-3), p => torch.optim.SGD(p, 1e-3), 3 * All),
        Of("SGD with momentum step", p => new Sgd(p, 1e-3, momentum: 0.9), p => torch.optim.SGD(p, 1e-3, momentum: 0.9), 5 * All),
        Of("Adam step", p => new Adam(p, 1e-3), p => torch.optim.Adam(p, 1e-3), 7 * All),
        Of("AdamW step", p => new AdamW(p, 1e-3), p => torch.optim.AdamW(p, 1e-3), 7 * All),
    ];

    static Workload Of(string name, Func<IEnumerable<Tensor>, Optimizer> ours, Func<IEnumerable<TorchSharp.Modules.Parameter>, torch.optim.Optimizer> peer, double bytes) =>
        new($"{name} of {Many} x {Side}x{Side}", () =>
        {
            Input[] values = [.. Enumerable.Repeat(Input.Normal(Side, Side), 2 * Many)];
            Tensor[] p = [.. values.Take(Many).Select((x, i) => x.Ours(i).SetRequiresGrad())];
            for (int i = 0; i < Many; i++) (p[i] * values[i].Ours(Many + i)).Sum().Backward();
            Optimizer o = ours(p);
            return new(() =>
            {
                o.Step();
                return p[^1].Detach();
            }, () =>
            {
                TorchSharp.Modules.Parameter[] q = [.. values.Take(Many).Select((x, i) => new TorchSharp.Modules.Parameter(x.Peer(i)))];
                for (int i = 0; i < Many; i++) (q[i] * values[i].Peer(Many + i)).sum().backward();
                torch.optim.Optimizer po = peer(q);
                return () =>
                {
                    using (torch.NewDisposeScope()) po.step();
                    return q[^1].detach();
                };
            });
        }) { Bytes = bytes, Checks = 3 };
}
