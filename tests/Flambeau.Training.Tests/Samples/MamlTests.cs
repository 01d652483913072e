using Flambeau.Samples.Maml;
using Xunit;

namespace Flambeau.Training.Tests.Samples;

[Collection(nameof(DefaultGenerator))]
public sealed class MamlTests
{
    static (Tensor[] Parameters, Tensor X, Tensor Y) Draw(int tasks)
    {
        Generator.ManualSeed(0);
        Tensor[] p = [.. Learner.Start().Select(t => t.Detach().Double().SetRequiresGrad())];
        (Tensor x, Tensor y) = Sinusoids.Draw(tasks).Points(6);
        return (p, x.Double(), y.Double());
    }

    [Fact]
    public void Sinusoids_lie_within_their_amplitudes()
    {
        Sinusoids s = Sinusoids.Draw(50);
        (Tensor x, Tensor y) = s.Points(20);
        Assert.Equal([50, 20, 1], y.Shape.ToArray());
        Assert.True(x.Abs().Le(5).All().Item<bool>() && y.Abs().Le(s.Amplitude).All().Item<bool>());
        Assert.True(s.Amplitude.Ge(0.1).All().Item<bool>() && s.Amplitude.Le(5).All().Item<bool>() && s.Phase.Ge(0).All().Item<bool>() && s.Phase.Le(Math.PI).All().Item<bool>());
    }

    [Fact]
    public void Tasks_beside_each_other_learn_as_each_by_itself()
    {
        (Tensor[] p, Tensor x, Tensor y) = Draw(tasks: 3);
        Tensor[] together = Learner.Adapt(Learner.Adapt(p, x, y, 0.01), x, y, 0.01);
        for (int t = 0; t < 3; t++)
        {
            Tensor ownX = x[t].Unsqueeze(0), ownY = y[t].Unsqueeze(0);
            Tensor[] alone = Learner.Adapt(Learner.Adapt(p, ownX, ownY, 0.01), ownX, ownY, 0.01);
            for (int i = 0; i < p.Length; i++) Assert.InRange((together[i][t] - alone[i][0]).Abs().Max().Item<double>(), 0, 1e-13);
        }
    }

    [Fact]
    public void The_gradient_through_a_gradient_step_is_that_of_finite_differences()
    {
        (Tensor[] p, Tensor x, Tensor y) = Draw(tasks: 2);
        Tensor Loss(Tensor[] q, bool createGraph) => Learner.Loss(Learner.Adapt(q, x[.., ..3], y[.., ..3], 0.05, createGraph), x[.., 3..], y[.., 3..]).Mean();
        Tensor?[] g = Autograd.Grad([Loss(p, createGraph: true)], p);
        Tensor[] direction = [.. p.Select(t => Tensor.RandnLike(t))];
        double slope = g.Zip(direction, (a, b) => (a! * b).Sum().Item<double>()).Sum();
        double At(double h) => Loss([.. p.Zip(direction, (t, d) => t.Detach() + h * d)], createGraph: false).Item<double>();
        Assert.Equal(slope, (At(1e-6) - At(-1e-6)) / 2e-6, 1e-5 * Math.Abs(slope));
    }

    /// <summary>The same said of one task, by transforms: Vmap gives it all of them, Grad differentiates through the Grad within.</summary>
    [Fact]
    public void Transforms_of_one_tasks_loss_give_the_same_gradient()
    {
        (Tensor[] p, Tensor x, Tensor y) = Draw(tasks: 4);
        Tensor Task(Tensor[] q, Tensor x, Tensor y)                                         // (6, 1) both → one number
        {
            Tensor[] g = Func.Grad((Tensor[] r) => (Learner.Call(r, x[..3]) - y[..3]).Square().Mean())(q);
            Tensor[] own = [.. q.Zip(g, (t, d) => t - 0.05 * d)];
            return (Learner.Call(own, x[3..]) - y[3..]).Square().Mean();
        }
        Tensor[] transformed = Func.Grad((Tensor[] q) => Func.Vmap<Tensor[], Tensor, Tensor, Tensor>(Task, [null, 0, 0])(q, x, y).Mean())([.. p.Select(t => t.Detach())]);
        Tensor?[] taped = Autograd.Grad([Learner.Loss(Learner.Adapt(p, x[.., ..3], y[.., ..3], 0.05, createGraph: true), x[.., 3..], y[.., 3..]).Mean()], p);
        for (int i = 0; i < p.Length; i++) Assert.InRange((transformed[i] - taped[i]!).Abs().Max().Item<double>(), 0, 1e-12);
    }
}
