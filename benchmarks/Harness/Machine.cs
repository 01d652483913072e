using System.Runtime.InteropServices;

namespace Flambeau.Benchmarks;

/// <summary>Where figures come from.</summary>
sealed record Machine(string Processor, int Cores, int VectorBits, string System, string Runtime)
{
    public static Machine This => new(ProcessorName(), Environment.ProcessorCount, Peaks.Bits, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    public override string ToString() => $"{Processor}, {Cores} cores, {VectorBits}-bit vectors; {System}; {Runtime}";

    static string ProcessorName()
    {
        const string info = "/proc/cpuinfo";
        if (File.Exists(info))
            foreach (string line in File.ReadLines(info))
                if (line.StartsWith("model name")) return line[(line.IndexOf(':') + 1)..].Trim();
        return RuntimeInformation.ProcessArchitecture.ToString();
    }
}
