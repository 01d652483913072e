using System.Runtime.CompilerServices;

namespace Flambeau.Backends.Cpu;

/// <summary>What is done in steps, each of which has parts that may run at once; a step begins when all parts of the one before are done.</summary>
internal interface ISteps
{
    /// <summary>Does one part of one step.</summary>
    void Run(long step, long part);
}

/// <summary>
/// Many short steps in one parallel region: a thread keeps the part it begins with, and with it what the part reads again and again in its second-level cache. From step to step
/// threads wait for each other by looking, which takes some 200 ns, a tenth of a parallel loop. A part that its thread has not begun, because it is late or elsewhere, is done by
/// whoever has nothing to do: nobody waits for a thread that is not there.
/// </summary>
internal static unsafe class Steps
{
    const int Line = 16;                              // longs between counters: two cache lines, which are fetched together
    const int Looks = 2000;                           // before the processor is offered to others

    /// <summary>Runs all steps; what they compute must not depend on who does which part.</summary>
    public static void Run<TBody>(long steps, long parts, TBody body) where TBody : struct, ISteps
    {
        if (parts <= 1)
        {
            for (long step = 0; step < steps; step++) body.Run(step, 0);
            return;
        }
        long* counters = Scratch.Get<long>(Scratch.Use.Steps, (parts + 1) * Line);
        for (long p = 0; p <= parts; p++) counters[p * Line] = 0;
        Threads.For(parts, 1, new Participant<TBody> { Body = body, Steps = steps, Parts = parts, Next = counters + Line, Done = counters });
    }

    struct Participant<TBody> : IRangeBody where TBody : struct, ISteps
    {
        public TBody Body;
        public long Steps, Parts;
        public long* Next;                            // [part · Line]: the first step of the part that nobody has begun
        public long* Done;                            // how many parts of all steps are done

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(long begin, long end)
        {
            for (long step = Volatile.Read(ref *Done) / Parts; step < Steps; step++)
            {
                for (long i = 0; i < Parts; i++)
                {
                    long part = (begin + i) % Parts;
                    ref long next = ref Next[part * Line];
                    if (Volatile.Read(ref next) != step || Interlocked.CompareExchange(ref next, step + 1, step) != step) continue;
                    Body.Run(step, part);
                    Interlocked.Increment(ref *Done);
                }
                SpinWait wait = default;
                for (int looks = 0; Volatile.Read(ref *Done) < (step + 1) * Parts; looks++)
                    if (looks < Looks) Thread.SpinWait(1);
                    else wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
