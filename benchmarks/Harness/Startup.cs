using System.Diagnostics;
using System.Globalization;

namespace Flambeau.Benchmarks;

/// <summary>From the first line of a program to its first result: measured in processes of their own, since it happens once in each.</summary>
static class Startup
{
    public const string Group = "Start", Name = "start: 1st result after Main", Argument = "--first-result";

    /// <summary>What such a process does: one product of small matrices; prints the milliseconds that took.</summary>
    public static void FirstResult(string side, long begin)
    {
        double y = side == "peer" ? Peer() : Ours();
        double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        if (y != 8) throw new InvalidOperationException($"{side}: {y}");
        Console.WriteLine(milliseconds.ToString(CultureInfo.InvariantCulture));
    }

    static double Ours() => Tensor.Ones(2, 2).MatMul(Tensor.Ones(2, 2)).Relu().Sum().Item<float>();

    static double Peer()
    {
        PeerLibrary.Load();
        return torch.ones(2, 2).matmul(torch.ones(2, 2)).relu().sum().item<float>();
    }

    public static Row Run(Options options)
    {
        Row row = new(Group, Name, 1);
        try
        {
            double[] ours = new double[options.Quick ? 3 : 7], peer = new double[ours.Length];
            for (int i = 0; i < ours.Length; i++)
            {
                ours[i] = Once("ours");
                if (options.Peer) peer[i] = Once("peer");
            }
            Array.Sort(ours);
            Array.Sort(peer);
            row = row with { OursMedian = ours[ours.Length / 2], OursBest = ours[0], Samples = ours.Length, Calls = 1 };
            return options.Peer ? row with { PeerMedian = peer[peer.Length / 2], PeerBest = peer[0] } : row;
        }
        catch (Exception e)
        {
            return row with { Trouble = e.Message };
        }
    }

    static double Once(string side)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [Argument, side]) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Insert(0, Environment.GetCommandLineArgs()[0]);
        using Process p = Process.Start(start)!;
        string said = p.StandardOutput.ReadToEnd();
        p.WaitForExit();
        return p.ExitCode == 0 ? double.Parse(said, CultureInfo.InvariantCulture) / 1e3 : throw new InvalidOperationException($"the process for {side} ended with {p.ExitCode}");
    }
}
