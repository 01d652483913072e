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
        double y = Once(side);
        double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        if (y != 8) throw new InvalidOperationException($"{side}: {y}");
        Console.WriteLine(milliseconds.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The first result of a side.</summary>
    public static double Once(string side) => side == "peer" ? Peer() : Ours();

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
                ours[i] = Seconds("ours");
                if (options.Peer) peer[i] = Seconds("peer");
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

    static double Seconds(string side) => double.Parse(Child.Run(Argument, side), CultureInfo.InvariantCulture) / 1e3;
}
