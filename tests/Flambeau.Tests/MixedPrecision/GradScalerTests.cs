using Flambeau.IO;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests.MixedPrecision;

public class GradScalerTests
{
    static (Parameter P, Sgd O) One(double value = 1, double lr = 1)
    {
        Parameter p = new(Tensor.From(new float[] { (float)value }));
        return (p, new Sgd([p], lr: lr));
    }

    [Fact]
    public void A_step_is_that_of_the_unscaled_loss()
    {
        (Parameter p, Sgd o) = One(3, 0.5);
        Amp.GradScaler scaler = new();
        Assert.Equal(65536, scaler.GetScale());
        scaler.Scale((p * p).Sum()).Backward();
        Assert.Equal(6 * 65536f, p.Grad!.Item<float>());
        Assert.True(scaler.Step(o));
        scaler.Update();
        Assert.Equal(6, p.Grad!.Item<float>());
        Assert.Equal(0, p.Item<float>());
    }

    [Fact]
    public void The_loss_of_half_precision_does_not_overflow_when_scaled()
    {
        Amp.GradScaler scaler = new();
        Tensor loss = Tensor.FromScalar(4f).To(DType.Float16);
        Assert.Equal(4 * 65536f, scaler.Scale(loss).Item<float>());
        Assert.Equal(2, scaler.Scale([loss, loss]).Length);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void Overflow_leaves_the_step_out_and_halves_the_scale(float bad)
    {
        (Parameter p, Sgd o) = One();
        Amp.GradScaler scaler = new();
        p.Grad = Tensor.From(new[] { bad });
        Assert.False(scaler.Step(o));
        scaler.Update();
        Assert.Equal(1, p.Item<float>());
        Assert.Equal(32768, scaler.GetScale());
    }

    [Fact]
    public void The_scale_grows_after_as_many_steps_in_a_row_as_the_interval_says()
    {
        (Parameter p, Sgd o) = One(lr: 0);
        Amp.GradScaler scaler = new(initScale: 8, growthFactor: 3, backoffFactor: 0.25, growthInterval: 2);
        List<double> scales = [];
        foreach (float g in new[] { 1, 1, 1, float.NaN, 1, 1, 1 })
        {
            p.Grad = Tensor.From(new[] { g });
            scaler.Step(o);
            scaler.Update();
            scales.Add(scaler.GetScale());
        }
        Assert.Equal([8, 24, 24, 6, 6, 18, 18], scales);
    }

    [Fact]
    public void The_scale_does_not_grow_to_infinity()
    {
        (Parameter p, Sgd o) = One(lr: 0);
        Amp.GradScaler scaler = new(initScale: 2e38, growthInterval: 1);
        p.Grad = Tensor.From(new[] { 1f });
        scaler.Step(o);
        scaler.Update();
        Assert.Equal((float)2e38, scaler.GetScale());
    }

    [Fact]
    public void Gradients_are_clipped_between_unscaling_and_the_step()
    {
        (Parameter p, Sgd o) = One(10);
        Amp.GradScaler scaler = new();
        scaler.Scale((p * 30).Sum()).Backward();
        scaler.Unscale(o);
        Assert.Equal(30, ClipGrad.NormInPlace([p], 1).Item<double>(), 1e-4);
        scaler.Step(o);
        scaler.Update();
        Assert.Equal(9, p.Item<float>(), 1e-5);
    }

    [Fact]
    public void Each_of_several_optimizers_is_looked_at_for_itself_and_all_of_them_for_the_scale()
    {
        (Parameter p, Sgd o) = One();
        (Parameter q, Sgd r) = One();
        Amp.GradScaler scaler = new();
        (p.Grad, q.Grad) = (Tensor.From(new[] { 65536f }), Tensor.From(new[] { float.NaN }));
        Assert.True(scaler.Step(o));
        Assert.False(scaler.Step(r));
        scaler.Update();
        Assert.Equal((0f, 1f, 32768.0), (p.Item<float>(), q.Item<float>(), scaler.GetScale()));
    }

    [Fact]
    public void Calls_in_the_wrong_order_are_refused()
    {
        (Parameter p, Sgd o) = One();
        Amp.GradScaler scaler = new();
        Assert.Contains("no gradients", Assert.Throws<InvalidOperationException>(() => scaler.Update()).Message);
        Assert.Contains("none of the optimizer's parameters", Assert.Throws<InvalidOperationException>(() => scaler.Step(o)).Message);
        scaler.Update(65536);
        p.Grad = Tensor.From(new[] { 1f });
        scaler.Unscale(o);
        Assert.Contains("already", Assert.Throws<InvalidOperationException>(() => scaler.Unscale(o)).Message);
        scaler.Step(o);
        Assert.Contains("already", Assert.Throws<InvalidOperationException>(() => scaler.Step(o)).Message);
        Assert.Contains("after Step", Assert.Throws<InvalidOperationException>(() => scaler.Unscale(o)).Message);
        scaler.Update();
        Assert.Contains("closure", Assert.Throws<InvalidOperationException>(() => scaler.Step(o, () => p.Sum())).Message);
        Parameter half = new(Tensor.From(new[] { 1f }).To(DType.Float16));
        half.Grad = Tensor.Ones([1], DType.Float16);
        Assert.Contains("float16", Assert.Throws<InvalidOperationException>(() => scaler.Unscale(new Sgd([half], lr: 1))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Amp.GradScaler(growthFactor: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Amp.GradScaler(backoffFactor: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Amp.GradScaler(growthInterval: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Amp.GradScaler(initScale: double.PositiveInfinity));
    }

    [Fact]
    public void A_disabled_scaler_only_steps()
    {
        (Parameter p, Sgd o) = One();
        Amp.GradScaler scaler = new(enabled: false);
        Tensor loss = p.Sum();
        Assert.Same(loss, scaler.Scale(loss));
        loss.Backward();
        scaler.Unscale(o);
        Assert.True(scaler.Step(o));
        scaler.Update();
        Assert.Equal((0f, 1.0), (p.Item<float>(), scaler.GetScale()));
        Assert.Empty(scaler.StateDict().Values);
        scaler.LoadStateDict(new State());
        Assert.Throws<ArgumentException>(() => new Amp.GradScaler().LoadStateDict(scaler.StateDict()));
    }

    [Fact]
    public void A_state_goes_on_where_it_stopped()
    {
        (Parameter p, Sgd o) = One(lr: 0);
        Amp.GradScaler a = new(initScale: 4, growthFactor: 3, growthInterval: 2), b = new();
        p.Grad = Tensor.From(new[] { 1f });
        a.Step(o);
        a.Update();
        b.LoadStateDict(a.StateDict());
        b.Step(o);
        b.Update();
        Assert.Equal(12, b.GetScale());
    }
}
