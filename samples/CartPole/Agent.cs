using Flambeau.Nn;

namespace Flambeau.Samples.CartPole;

/// <summary>How likely a push to the right is (the actor), and what a state is worth (the critic).</summary>
sealed class Agent(int width) : Module
{
    /// <summary>What a reward is worth a step later: γ.</summary>
    public const double Gamma = 0.99;

    /// <summary>(states, 4) → (states, 2), the scores of left and right.</summary>
    public Sequential Policy { get; } = new(new Linear(4, width), new Tanh(), new Linear(width, 2));

    /// <summary>(states, 4) → (states, 1), what a state is worth.</summary>
    public Sequential Value { get; } = new(new Linear(4, width), new Tanh(), new Linear(width, 1));

    /// <summary>Plays episodes beside each other, each to its end: one pass of the policy moves all that still stand.</summary>
    /// <param name="count">How many.</param>
    /// <param name="chance">Where they start and, unless greedy, which push is drawn.</param>
    /// <param name="greedy">Whether the likelier push is always taken.</param>
    public Episodes Play(int count, Random chance, bool greedy = false)
    {
        using var _ = Autograd.InferenceMode();
        Episodes played = new(count);
        CartPole[] states = [.. Enumerable.Range(0, count).Select(_ => CartPole.Start(chance))];
        int[] standing = [.. Enumerable.Range(0, count)];
        for (int time = 0; time < CartPole.StepLimit && standing.Length > 0; time++)
        {
            Tensor scores = Policy.Call(Episodes.Observe([.. standing.Select(e => states[e])]));  // (standing, 2)
            float[] right = F.Softmax(scores, 1)[TensorIndex.All, 1].ToArray<float>();
            for (int i = 0; i < standing.Length; i++)
            {
                ref CartPole state = ref states[standing[i]];
                bool push = right[i] > (greedy ? 0.5 : chance.NextDouble());
                played.Add(standing[i], state, push);
                state = state.Step(push);
            }
            standing = [.. standing.Where(e => !states[e].IsOver)];
        }
        if (standing.Length > 0) played.StillStanding(standing, Value.Call(Episodes.Observe([.. standing.Select(e => states[e])])).ToArray<float>());
        return played;
    }

    /// <summary>
    /// REINFORCE with a baseline (Williams 1992): −mean log π(push | state) · advantage, where the advantage is the return less what the critic
    /// expected, brought to mean 0 and deviation 1; less a little of the policy's entropy, which keeps it trying; and the critic's squared error.
    /// </summary>
    public Tensor Loss(Episodes played)
    {
        Tensor states = played.States, returns = played.Returns(Gamma);                            // (steps, 4), (steps,)
        Tensor value = Value.Call(states).Squeeze(1), log = F.LogSoftmax(Policy.Call(states), 1);  // (steps,), (steps, 2)
        Tensor advantage = returns - value.Detach();
        advantage = (advantage - advantage.Mean()) / (advantage.Std() + 1e-6);
        Tensor chosen = log.Gather(1, played.Pushes.Unsqueeze(1)).Squeeze(1);                      // (steps,)
        Tensor entropy = -(log.Exp() * log).Sum(1).Mean();
        return -(chosen * advantage).Mean() - 0.01 * entropy + F.MseLoss(value, returns);
    }
}
