using System.Runtime.CompilerServices;
using Flambeau.Backends;
using Flambeau.Nn;
using Flambeau.Optim;
using Xunit;

namespace Flambeau.Tests;

/// <summary>The figures are the whole process': nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public class WholeProcess;

[Collection(nameof(WholeProcess))]
public class MemoryTests
{
    [Fact]
    public void A_loop_that_never_disposes_stays_bounded()
    {
        Memory.Trim();                                                         // what other tests kept live at once raised what the pool may hold
        for (int i = 0; i < 300; i++) _ = Tensor.Zeros(4_000_000) + 1;
        MemoryStats s = Memory.Stats();
        Assert.True(s.LiveBytes + s.IdleBytes < 140_000_000, s.ToString());
    }

    [Fact]
    public void Memory_of_a_size_that_is_no_longer_asked_for_makes_room_for_another()
    {
        Memory.Trim();
        Tensor x = Tensor.Ones(1 << 16), y = Tensor.Ones(1 << 17);
        for (int i = 0; i < 200; i++) _ = x.Relu();                            // fills what the pool may hold with blocks of one size
        for (int i = 0; i < 1000; i++) _ = y.Relu();
        int before = Pool.Collections;
        for (int i = 0; i < 1000; i++) _ = y.Relu();
        int looks = Pool.Collections - before;
        Assert.True(looks < 180, $"{looks} looks");                            // 500 MB: one for every 4 to 12 MB, as the last cache is; none before growing
    }

    /// <summary>As in a network of convolutions, whose results become smaller from layer to layer. New memory would cost a page fault every 4 kB in each pass.</summary>
    [Fact]
    public void Sizes_that_come_in_turns_share_memory()
    {
        Memory.Trim();
        Tensor[] x = [.. from n in (int[])[4_000_000, 2_000_000, 900_000, 250_000, 16_000] select Tensor.Ones(n)];
        for (int i = 0; i < 10; i++) Pass();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 10; i++) Pass();
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 10_000_000);
        MemoryStats s = Memory.Stats();
        Assert.True(s.LiveBytes + s.IdleBytes < 140_000_000, s.ToString());

        void Pass()
        {
            foreach (Tensor t in x)
                for (int i = 0; i < 8; i++) _ = t + 1;
        }
    }

    /// <summary>What is cut from a larger block must not reach into its neighbour, and the whole comes back when all parts are idle.</summary>
    [Fact]
    public void Parts_of_a_block_lie_apart_and_grow_together_again()
    {
        Memory.Trim();
        for (int k = 0; k < 4; k++) Cycle();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int k = 0; k < 4; k++) Cycle();
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 40_000_000);              // of 900 MB lent

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Cycle()
        {
            for (int i = 0; i < 6; i++) _ = Tensor.Zeros(4_000_000) + 1;        // fills what the pool may hold
            List<Tensor> parts = [];
            for (int i = 0; i < 200; i++)
            {
                parts.Add(Tensor.Full([70_000 + 100 * i], i));
                if (i % 3 == 2) parts.RemoveAt(i / 3);
            }
            foreach (Tensor t in parts) Assert.Equal((t[0].Item<float>(), t[0].Item<float>()), (t.Min().Item<float>(), t.Max().Item<float>()));
        }
    }

    [Fact]
    public void A_span_outlives_its_tensor()
    {
        Span<float> s = Temporary();
        for (int i = 0; i < 40; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _ = Tensor.Full([100_000], 7);                                     // would take the span's memory if it had come back
            if (i > 3) break;
        }
        foreach (float v in s) Assert.Equal(3, v);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Span<float> Temporary() => (Tensor.Ones(100_000) * 3).AsSpan<float>();
    }

    /// <summary>Makes a temporary in its kernel, of which only the address is left when the collector and the pool look.</summary>
    sealed record Forgetful : Flambeau.Ops.Op
    {
        protected internal override TensorSpec Infer(ReadOnlySpan<Tensor> x) => new(x[0].Shape, x[0].DType, x[0].Device);

        protected internal override void Run(Backend d, ReadOnlySpan<Tensor> x, Tensor y)
        {
            nint p = Temporary(x[0]);
            GC.Collect();
            Pool.Look();
            Tensor[] others = new Tensor[20];
            for (int i = 0; i < others.Length; i++) others[i] = Tensor.Full(x[0].Shape, 7, dtype: DType.Float64);
            y.FillInPlace((Scalar)(others.Any(t => Address(t) == p) ? 1 : 0));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static nint Temporary(Tensor x) => Address(x.To(DType.Float64));

        static unsafe nint Address(Tensor t)
        {
            fixed (byte* p = t.Storage) return (nint)p;
        }
    }

    [Fact]
    public void What_an_operation_rents_is_its_own_until_it_ends()
    {
        Tensor x = Tensor.Ones(100_000);
        Memory.Trim();                                                         // so that the temporary's memory would be lent next
        Assert.Equal(0, Flambeau.Ops.Op.Apply(new Forgetful(), x)[0].Item<float>());
    }

    [Fact]
    public void Dispose_gives_memory_back_only_where_nobody_else_can_reach_it()
    {
        Tensor x = Tensor.Ones(100_000), view = x.Narrow(0, 5, 10);
        x.Dispose();
        Assert.Equal(10, view.Sum().Item<float>());
        Tensor w = Tensor.Ones([100_000], null, requiresGrad: true), y;
        using (Tensor h = w * 2) y = (h * h).Sum();                            // saved by the graph
        y.Backward();
        Assert.Equal(8, w.Grad!.Select(0, 0).Item<float>());
        Tensor alone = Tensor.Ones(100_000);
        alone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => alone.Sum());
    }

    /// <summary>A parameter that is used often, as in a recurrent network, gets many gradients: only their sum need live.</summary>
    [Fact]
    public void Gradients_give_their_memory_back_once_they_are_added()
    {
        Memory.Trim();                                                         // a larger block that another test left would count as a whole
        Tensor w = Tensor.Ones(1_000_000).SetRequiresGrad(), loss = 0.0;
        for (int i = 1; i <= 20; i++) loss = loss + (w * i).Sum();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Memory.Stats().LiveBytes;
        loss.Backward();
        Assert.InRange(Memory.Stats().LiveBytes - before, 4_000_000, 4_500_000);
        Assert.Equal(210, w.Grad![0].Item<float>());
    }

    [Fact]
    public void What_cannot_fit_is_refused_with_what_is_live() =>
        Assert.Contains("live", Assert.Throws<OutOfMemoryException>(() => Tensor.Zeros(1L << 50)).Message);

    [Fact]
    public void Training_for_long_ends_at_the_memory_it_began_with()
    {
        Generator.ManualSeed(0);
        Sequential model = new(new Linear(32, 64), new Relu(), new Linear(64, 8));
        Adam optimizer = new(model.Parameters());
        Tensor x = Tensor.Randn(64, 32), y = Tensor.RandInt(8, [64]);
        long after200 = 0;
        for (int step = 1; step <= 20_000; step++)
        {
            Tensor loss = F.CrossEntropy(model.Call(x), y);
            optimizer.ZeroGrad();
            loss.Backward();
            optimizer.Step();
            if (step is 200 or 20_000)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect();
                long now = GC.GetTotalMemory(true);
                if (step == 200) after200 = now;
                else Assert.InRange(now, 0, after200 + (1 << 20));
            }
        }
    }
}
