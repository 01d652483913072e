using Flambeau.Nn;
using Flambeau.Optim;
using Flambeau.Samples.CartPole;
using Xunit;

namespace Flambeau.Training.Tests.Samples;

[Collection(nameof(DefaultGenerator))]
public sealed class CartPoleTests
{
    /// <summary>From rest: θ̈ = −(10 / 1.1) / (0.5 (4/3 − 0.1 / 1.1)) = −600/41, ẍ = 10 / 1.1 + 0.05 / 1.1 · 600/41 = 400/41; 0.02 s of them are speeds, places follow a step later.</summary>
    [Fact]
    public void Pushed_from_rest_the_cart_goes_one_way_and_the_pole_falls_the_other()
    {
        CartPole one = default(CartPole).Step(right: true), two = one.Step(right: false);
        Near(new(0, 8.0 / 41, 0, -12.0 / 41), one);
        Assert.Equal(0.02 * 8 / 41, two.X, 1e-15);
        Assert.Equal(-0.02 * 12 / 41, two.Theta, 1e-15);
        Near(new(0, -8.0 / 41, 0, 12.0 / 41), default(CartPole).Step(right: false));
    }

    /// <summary>
    /// (M + m) ẍ + m l θ̈ cos θ = F + m l θ̇² sin θ: the momentum of both; ẍ cos θ + 4/3 l θ̈ = g sin θ: the pole's about its hinge.
    /// </summary>
    [Fact]
    public void A_step_is_Eulers_and_its_accelerations_obey_the_laws_of_motion()
    {
        Random chance = new(1);
        for (int i = 0; i < 100; i++)
        {
            CartPole s = new(Any(2), Any(3), Any(0.2), Any(3));
            bool right = i % 2 == 0;
            CartPole n = s.Step(right);
            double x = (n.XDot - s.XDot) / 0.02, theta = (n.ThetaDot - s.ThetaDot) / 0.02;
            double sin = Math.Sin(s.Theta), cos = Math.Cos(s.Theta), force = right ? 10 : -10;
            Assert.Equal(force + 0.05 * s.ThetaDot * s.ThetaDot * sin, 1.1 * x + 0.05 * theta * cos, 1e-11);
            Assert.Equal(9.8 * sin, x * cos + 4.0 / 3 * 0.5 * theta, 1e-11);
            Assert.Equal(s.X + 0.02 * s.XDot, n.X, 1e-15);
            Assert.Equal(s.Theta + 0.02 * s.ThetaDot, n.Theta, 1e-15);
        }

        double Any(double most) => most * (2 * chance.NextDouble() - 1);
    }

    [Fact]
    public void An_episode_is_over_past_2_4_metres_or_12_degrees_and_starts_near_rest()
    {
        Assert.False(new CartPole(2.4, 9, 0.2094, 9).IsOver);
        Assert.True(new CartPole(-2.41, 0, 0, 0).IsOver);
        Assert.True(new CartPole(0, 0, 0.2095, 0).IsOver);
        Assert.True(new CartPole(0, 0, -0.2095, 0).IsOver);
        Random chance = new(2);
        for (int i = 0; i < 100; i++)
        {
            CartPole s = CartPole.Start(chance);
            Assert.All([s.X, s.XDot, s.Theta, s.ThetaDot], v => Assert.InRange(v, -0.05, 0.05));
        }
    }

    [Fact]
    public void Returns_are_discounted_sums_of_rewards_and_go_on_where_the_pole_still_stands()
    {
        Episodes played = new(2);
        for (int t = 0; t < 5; t++)                                                        // side by side: the first falls after three steps
            for (int e = 0; e < 2; e++)
                if (e == 1 || t < 3) played.Add(e, default, push: true);
        played.StillStanding([1], [0.7f]);

        const double gamma = 0.9;
        List<double> expected = [];
        for (int t = 0; t < 5; t++)
            for (int e = 0; e < 2; e++)
            {
                if (e == 0 && t >= 3) continue;
                double sum = 0;
                for (int k = t; k < (e == 0 ? 3 : 5); k++) sum += Math.Pow(gamma, k - t) * (1 - gamma);
                expected.Add(e == 0 ? sum : sum + Math.Pow(gamma, 5 - t) * 0.7);
            }
        float[] returns = played.Returns(gamma).ToArray<float>();
        Assert.Equal(expected.Count, returns.Length);
        for (int i = 0; i < returns.Length; i++) Assert.Equal(expected[i], returns[i], 1e-6);
    }

    [Fact]
    public void Twelve_rounds_of_policy_gradient_double_how_long_the_pole_stands()
    {
        Random chance = new(3);
        Generator.ManualSeed(3);
        Agent agent = new(width: 64);
        Adam optimizer = new(agent.Parameters(), lr: 1e-2);
        double before = agent.Play(32, chance).AverageLength;
        for (int round = 0; round < 12; round++)
        {
            optimizer.ZeroGrad();
            agent.Loss(agent.Play(32, chance)).Backward();
            ClipGrad.NormInPlace(agent.Parameters(), 1);
            optimizer.Step();
        }
        Assert.InRange(agent.Play(32, chance).AverageLength, 2 * before, CartPole.StepLimit);
    }

    static void Near(CartPole expected, CartPole actual)
    {
        Assert.Equal(expected.X, actual.X, 1e-15);
        Assert.Equal(expected.XDot, actual.XDot, 1e-14);
        Assert.Equal(expected.Theta, actual.Theta, 1e-15);
        Assert.Equal(expected.ThetaDot, actual.ThetaDot, 1e-14);
    }
}
