namespace Flambeau.Samples.CartPole;

/// <summary>What happened: each step's state and push, and how each episode ended.</summary>
sealed class Episodes(int count)
{
    readonly List<CartPole> _states = [];
    readonly List<long> _pushes = [];
    readonly List<(int Episode, int Time)> _steps = [];
    readonly int[] _lengths = new int[count];
    readonly float[] _worth = new float[count];

    /// <summary>How many steps each lasted, on average.</summary>
    public double AverageLength => _lengths.Average();

    /// <summary>(steps, 4)</summary>
    public Tensor States => Observe(_states);

    /// <summary>1 to the right, 0 to the left: (steps,)</summary>
    public Tensor Pushes => Tensor.From<long>([.. _pushes]);

    /// <summary>What the agent sees of some states: (states, 4).</summary>
    public static Tensor Observe(IReadOnlyList<CartPole> states)
    {
        var seen = new float[states.Count, 4];
        for (int i = 0; i < states.Count; i++)
            (seen[i, 0], seen[i, 1], seen[i, 2], seen[i, 3]) = ((float)states[i].X, (float)states[i].XDot, (float)states[i].Theta, (float)states[i].ThetaDot);
        return Tensor.From(seen);
    }

    public void Add(int episode, CartPole state, bool push)
    {
        _states.Add(state);
        _pushes.Add(push ? 1 : 0);
        _steps.Add((episode, _lengths[episode]++));
    }

    /// <summary>Notes the episodes that only time ended, and what their last states are worth.</summary>
    public void StillStanding(int[] episodes, float[] worth)
    {
        for (int i = 0; i < episodes.Length; i++) _worth[episodes[i]] = worth[i];
    }

    /// <summary>
    /// The discounted sum of rewards from each step on: (steps,). A step earns 1, n of them 1 + γ + … + γⁿ⁻¹ = (1 − γⁿ) / (1 − γ); in units of
    /// 1 / (1 − γ), in which to stand for ever is worth 1, that is 1 − γⁿ. What comes after the last step, if the pole still stands, adds γⁿ V.
    /// </summary>
    public Tensor Returns(double gamma) => Tensor.From<float>([.. _steps.Select(s =>
    {
        double discount = Math.Pow(gamma, _lengths[s.Episode] - s.Time);
        return (float)(1 - discount + discount * _worth[s.Episode]);
    })]);
}
