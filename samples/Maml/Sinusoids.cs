namespace Flambeau.Samples.Maml;

/// <summary>Many tasks at once: y = A sin(x + φ), each with an amplitude and phase of its own.</summary>
/// <param name="Amplitude">0.1…5: (tasks, 1, 1).</param>
/// <param name="Phase">0…π: (tasks, 1, 1).</param>
sealed record Sinusoids(Tensor Amplitude, Tensor Phase)
{
    public static Sinusoids Draw(long tasks) => new(Tensor.Rand(tasks, 1, 1) * 4.9 + 0.1, Tensor.Rand(tasks, 1, 1) * Math.PI);

    /// <summary>Points of each, x between −5 and 5: (tasks, shots, 1) both.</summary>
    public (Tensor X, Tensor Y) Points(long shots)
    {
        Tensor x = Tensor.Rand(Amplitude.Shape[0], shots, 1) * 10 - 5;
        return (x, At(x));
    }

    public Tensor At(Tensor x) => Amplitude * (x + Phase).Sin();
}
