using Xunit;

namespace Flambeau.Tests;

/// <summary>What the brackets mean, against answers worked out by hand or given by PyTorch.</summary>
public class IndexingTests
{
    static Tensor Grid => Tensor.Arange(12, DType.Float32).Reshape(3, 4);                                  // 0 1 2 3 / 4 5 6 7 / 8 9 10 11

    static Tensor I(params long[] values) => Tensor.From(values);

    static void Is(Tensor t, long[] shape, params float[] values)
    {
        Assert.Equal(Dims.Create(shape), t.Shape);
        Assert.Equal(values, t.ToArray<float>());
    }

    [Fact]
    public void Numbers_and_ranges_are_views_as_pythons_slices()
    {
        Tensor x = Grid;
        Is(x[1], [4], 4, 5, 6, 7);
        Is(x[^1, 1..3], [2], 9, 10);
        Is(x[1.., ^1], [2], 7, 11);
        Is(x[.., 1], [3], 1, 5, 9);
        Is(x[..^1, ..1], [2, 1], 0, 4);
        Is(x[^2..], [2, 4], 4, 5, 6, 7, 8, 9, 10, 11);
        Is(x[1..100], [2, 4], 4, 5, 6, 7, 8, 9, 10, 11);
        Is(x[2..1], [0, 4]);
        Is(x[^0..], [0, 4]);
        Is(x[TensorIndex.Slice(step: 2), TensorIndex.Slice(-3, -1)], [2, 2], 1, 2, 9, 10);
        Is(x[TensorIndex.Ellipsis, 0], [3], 0, 4, 8);
        Is(x[0, Index.Ellipsis], [4], 0, 1, 2, 3);
        Is(x[.., Index.NewAxis, 0], [3, 1], 0, 4, 8);
        Is(x[TensorIndex.NewAxis, TensorIndex.All, 3L], [1, 3], 3, 7, 11);
        Is(Tensor.FromScalar(3f)[TensorIndex.Ellipsis], [], 3);
        Is(Tensor.FromScalar(3f)[Index.NewAxis], [1], 3);
        foreach (Tensor view in (Tensor[])[x[1], x[.., 1], x[0, Index.Ellipsis], x[1.., Index.NewAxis], x[I(2).Reshape()]]) Assert.Same(x.Storage, view.Storage);
    }

    [Fact]
    public void Index_tensors_stand_where_they_stood_unless_other_axes_lie_between()
    {
        Tensor x = Tensor.Zeros(2, 3, 4, 5);
        Tensor v = I(0, 1), m = I(0, 1, 2).Unsqueeze(1);
        Assert.Equal([2, 2, 4, 5], x[.., v].Shape);
        Assert.Equal([2, 3, 1, 4, 5], x[.., m].Shape);
        Assert.Equal([3, 2, 2, 4], x[.., v, .., m].Shape);
        Assert.Equal([3, 2, 2, 1, 5], x[.., v, Index.NewAxis, m].Shape);
        Assert.Equal([3, 2, 5], x[0, .., v].Shape);
        Assert.Equal([2, 2, 5], x[.., 0, v].Shape);
        Assert.Equal([2, 3], x[v, .., 0, v].Shape);
        Assert.Equal([2, 5], x[v, 0, v].Shape);
        Assert.Equal([2, 3, 4, 2], x[Index.Ellipsis, new[] { 0, -1 }].Shape);
    }

    [Fact]
    public void Index_tensors_pick_with_broadcasting_and_negative_indices()
    {
        Tensor x = Grid;
        Is(x[I(0, 2, -1)], [3, 4], 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11);
        Is(x[I(0, 1, 2), I(0, 1, -1)], [3], 0, 5, 11);
        Is(x[I(0, 2).Unsqueeze(1), I(1, 3)], [2, 2], 1, 3, 9, 11);
        Is(x[.., I(3, 0)], [3, 2], 3, 0, 7, 4, 11, 8);
        Is(x[Tensor.From([2, 0]), 1..2], [2, 1], 9, 1);
        Is(x.T[I(3), I(2)], [1], 11);
        Is(x[I(1).Reshape()], [4], 4, 5, 6, 7);
        Is(x[Tensor.Zeros([0], DType.Int64)], [0, 4]);
        Is(x.Index([null, I(1)]), [3, 1], 1, 5, 9);
    }

    [Fact]
    public void Masks_pick_over_as_many_axes_as_they_have()
    {
        Tensor x = Grid;
        Is(x[x > 8.5], [3], 9, 10, 11);
        Is(x[Tensor.From([true, false, true])], [2, 4], 0, 1, 2, 3, 8, 9, 10, 11);
        Is(x[Tensor.From([true, false, true]), 1], [2], 1, 9);
        Is(x[.., Tensor.From([false, false, true, true])], [3, 2], 2, 3, 6, 7, 10, 11);
        Is(x[Tensor.From<byte>([0, 1, 1])], [2, 4], 4, 5, 6, 7, 8, 9, 10, 11);
        Is(x.T[x.T > 8.5], [3], 9, 10, 11);
        Is(x[Tensor.From([true, true, false]), I(0, 3)], [2], 0, 7);
        Assert.Equal([1, 3, 4], x[true].Shape);
        Assert.Equal([0, 3, 4], x[false].Shape);
        Assert.Equal([1, 4], x[true, 0].Shape);
        Assert.Equal([3, 1, 4], x[.., true].Shape);
        Assert.Equal([1, 3, 4], x[Tensor.FromScalar(true)].Shape);
        Assert.Equal([2], x[0, I(0, 1), true].Shape);
    }

    [Fact]
    public void Assignment_broadcasts_and_reaches_the_tensor_through_views()
    {
        Tensor x = Grid;
        x[0] = 5;
        x[1.., ^1] = Tensor.From([70f, 110]);
        x[.., 1] = Tensor.Ones(1, 3);
        Is(x, [3, 4], 5, 1, 5, 5, 4, 1, 6, 70, 8, 1, 10, 110);
        x[x > 50] = 0;
        x[I(0, 0), I(0, 2)] = Tensor.From([-1f, -2]);
        x[I(1, 2)] = Tensor.From([1f, 2, 3, 4]).Reshape(1, 1, 4);
        Is(x, [3, 4], -1, 1, -2, 5, 1, 2, 3, 4, 1, 2, 3, 4);
        x[x.Lt(0)] = Tensor.From([8f, 9]);
        x[false] = 77;
        x.T[I(3)] = 6;
        Is(x, [3, 4], 8, 1, 9, 6, 1, 2, 3, 6, 1, 2, 3, 6);
        x[.., ..] = 0;
        x[Index.Ellipsis, 1..3] = Tensor.From([1f, 2]);
        Is(x, [3, 4], 0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0);
    }

    [Fact]
    public void Compound_assignment_changes_the_tensor()
    {
        Tensor x = Tensor.Zeros(2, 3);
        x[0] += 1;
        x[.., ^1] += 2;
        x[x > 2.5] += 10;
        x[I(1, 1)] *= 2;                                                                                // read once, written twice
        Is(x, [2, 3], 1, 1, 13, 0, 0, 4);
    }

    [Fact]
    public void Accumulation_adds_every_value_and_replacement_keeps_the_last()
    {
        Is(Tensor.Zeros(3).IndexPut([I(1, 1, 2)], Tensor.From([1f, 2, 4]), accumulate: true), [3], 0, 3, 4);
        Is(Tensor.Zeros(3).IndexPut([I(1, 1, 2)], Tensor.From([1f, 2, 4])), [3], 0, 2, 4);
        Is(Tensor.Zeros(3).IndexAdd(0, I(0, 0), Tensor.From([1f, 2]), alpha: 2), [3], 6, 0, 0);
        Is(Tensor.Zeros(3).IndexCopy(0, I(0, 0), Tensor.From([1f, 2])), [3], 2, 0, 0);
        Is(Tensor.Zeros(2, 2).Put(I(0, -1), Tensor.From([1f, 2])), [2, 2], 1, 0, 0, 2);
        Is(Tensor.Ones(2).ScatterReduce(0, I(0, 0, 0), Tensor.From([2f, 3, 4]), "mean"), [2], 2.5f, 1);
        Is(Tensor.Ones(2).ScatterReduce(0, I(0, 0), Tensor.From([2f, 3]), "prod", includeSelf: false), [2], 6, 1);
        Assert.Equal([-4, 2], I(1, 2).ScatterReduce(0, I(0, 0, 0), I(-3, -5, -6), "mean").ToArray<long>());
        Is(Grid.IndexFill(0, I(0, -1), 3), [3, 4], 3, 3, 3, 3, 4, 5, 6, 7, 3, 3, 3, 3);
        Is(Grid.MaskedScatter(Grid > 8.5, Tensor.From([1f, 2, 3, 4])), [3, 4], 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3);
    }

    [Fact]
    public void Gradients_flow_through_reads_and_writes()
    {
        Tensor w = Grid.Detach().SetRequiresGrad(), v = Tensor.From([1f, 1]).SetRequiresGrad(), y = w * 2;
        y[I(0, 0), I(1, 1)] = v;                                                                        // the last one stays
        y[1] = 0;
        y[y.Detach() > 21] *= 3;
        (y[.., I(1, 3)] * Tensor.From([1f, 10])).Sum().Backward();
        Is(w.Grad!, [3, 4], 0, 0, 0, 20, 0, 0, 0, 0, 0, 2, 0, 60);
        Is(v.Grad!, [2], 1, 1);                                                                         // as in PyTorch, both get the gradient

        Tensor table = Tensor.Ones(3, 2).SetRequiresGrad();
        table.IndexSelect(0, I(2, 0, 2)).Sum().Backward();
        Is(table.Grad!, [3, 2], 1, 1, 0, 0, 2, 2);
    }

    [Fact]
    public void A_leaf_that_requires_grad_cannot_be_assigned_to_while_recording()
    {
        Tensor w = Tensor.Zeros(3).SetRequiresGrad();
        Assert.Throws<InvalidOperationException>(() => w[0] = 1);
        Assert.Throws<InvalidOperationException>(() => w[I(0)] = Tensor.Ones(1));
        using (Autograd.NoGrad()) w[0] = 1;
        Is(w, [3], 1, 0, 0);
    }

    [Fact]
    public void Wrong_indices_are_refused_before_anything_is_written()
    {
        Tensor x = Grid;
        foreach (Action a in (Action[])
        [
            () => _ = x[3], () => _ = x[0, -5], () => _ = x[I(0, 3)], () => _ = x[.., I(-5)], () => _ = x[^0], () => _ = TensorIndex.Slice(step: 0), () => _ = TensorIndex.Slice(step: -1),
            () => x[I(0, 3)] = 1, () => x.IndexSelect(0, I(-1)), () => x.IndexAddInPlace(0, I(0, 3), Tensor.Ones(2, 4)), () => x.IndexCopyInPlace(0, I(0, -1), Tensor.Ones(2, 4)),
            () => x.Gather(1, I(0, 4).Reshape(2, 1)), () => x.ScatterInPlace(0, I(0, 1, 3).Reshape(3, 1), 1f), () => x.ScatterAddInPlace(1, I(-1).Reshape(1, 1), x), () => x.PutInPlace(I(0, 12), Tensor.Ones(2)), () => x.Take(I(-13)),
            () => Tensor.Zeros(0, 3).IndexSelect(0, I(0)),
        ]) Assert.Throws<ArgumentOutOfRangeException>(a);
        foreach (Action a in (Action[])
        [
            () => _ = x[0, 0, 0], () => _ = x[Tensor.From([1f])], () => _ = x[Tensor.From([true, false])], () => _ = x[Tensor.From([true, false]).Reshape(1, 2)], () => _ = x[I(0, 1), I(0, 1, 2)],
            () => _ = Tensor.FromScalar(1)[0], () => _ = x[TensorIndex.Ellipsis, TensorIndex.Ellipsis], () => x[0] = Tensor.Ones(3), () => x[I(0, 1)] = Tensor.Ones(3), () => x[x > 3] = Tensor.Ones(7),
            () => x[I(0, 1), I(0, 1)] = Tensor.Ones([2], DType.Float64), () => x.Scatter(0, I(0, 1).Reshape(1, 2), Tensor.Ones([1, 2], DType.Float64)), () => x.Gather(0, I(0)), () => x.Gather(0, Tensor.Zeros([1, 5], DType.Int64)),
            () => x.IndexSelect(0, I(0).Reshape(1, 1)), () => x.IndexAdd(0, I(0), Tensor.Ones(2, 4)), () => x.MaskedSelect(Tensor.Ones(3, 4)), () => x.MaskedScatter(x > 3, Tensor.Ones(3)), () => x.Put(I(0), Tensor.Ones(2)),
            () => x.ScatterReduce(0, I(0).Reshape(1, 1), x, "median"), () => Tensor.Ones(1).Expand(3)[I(0)] = 2,
        ]) Assert.Throws<ArgumentException>(a);
        Assert.Equal(Grid.ToArray<float>(), x.ToArray<float>());
        Assert.Contains("index 3 is out of range for axis 0 of size 3", Assert.Throws<ArgumentOutOfRangeException>(() => x[I(0, 3)]).Message);
    }

    [Fact]
    public void Order_puts_nan_last_and_equals_in_their_order()
    {
        const float nan = float.NaN;
        Tensor x = Tensor.From([3, nan, -0f, 5, 0, nan]);
        Assert.Equal([2, 4, 0, 3, 1, 5], x.ArgSort().ToArray<long>());
        Assert.Equal([1, 5, 3, 0, 2, 4], x.ArgSort(descending: true).ToArray<long>());
        Is(x.TopK(3).Values, [3], nan, nan, 5);
        Assert.Equal(1, x.ArgMax().Item<long>());
        Assert.Equal(1, x.ArgMin().Item<long>());
        Assert.Equal(1, x.Median(0).Indices.Item<long>());
        Is(x.NanMedian(0).Values, [], 0);
        Assert.Equal([0, 1, 1, 1, 1, 5], x.CumMax(0).Indices.ToArray<long>());
        Is(Tensor.From([2f, 1, 4, 3]).Median(), [], 2);
        Assert.Equal(3, Tensor.From([3, 3, 1, 1, 2]).Mode().Indices.Item<long>());
        Assert.Equal([4, 1, 4], Tensor.SearchSorted(Tensor.From([1, 3, 5, nan]), Tensor.From([nan, 2, 6])).ToArray<long>());
        Assert.Equal(2, Tensor.SearchSorted(Tensor.From([1f, 3, 5]), 3, right: true).Item<long>());
        Assert.Equal([0, 1, 2, 3, 3, 5], Tensor.From([3f, 3, 5, 5, 1, 5]).CumMax(0).Indices.ToArray<long>());
        Is(Tensor.Zeros([0], DType.Float32).Median(), [], nan);
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(0, 3).Max(0));
        Assert.Empty(Tensor.Zeros(0, 3).Max(1).Values.ToArray<float>());
    }

    [Fact]
    public void Of_equals_the_same_are_chosen_as_by_pytorch()
    {
        Tensor x = I(3, 1, 3, 2, 3, 1, 2, 3, 1, 2, 3, 1), y = Tensor.Arange(60) * 7919 % 5;
        Assert.Equal([10, 4, 0, 7], x.TopK(4).Indices.ToArray<long>());
        Assert.Equal([1, 11, 8, 5, 3], x.TopK(5, largest: false).Indices.ToArray<long>());
        Assert.Equal(3, x.KthValue(5).Indices.Item<long>());
        Assert.Equal([26, 11, 16, 51, 21, 31, 41, 36, 1], y.TopK(9).Indices.ToArray<long>());
        Assert.Equal([35, 30, 15], y.TopK(3, largest: false).Indices.ToArray<long>());
        Assert.Equal(48, y.KthValue(30).Indices.Item<long>());
    }

    [Fact]
    public void Nan_wins_whether_it_is_there_or_comes_in_lanes_or_alone()
    {
        foreach (int width in (int[])[1, 3, 40])
            foreach (string reduce in (string[])["amax", "amin"])
            {
                Tensor there = Tensor.Full([2, width], float.NaN), one = Tensor.Ones(2, width);
                Assert.True(there.IndexReduce(0, I(1, 1), one, reduce)[1].IsNan().All().Item<bool>());
                Assert.True(one.IndexReduce(0, I(1, 1), there, reduce)[1].IsNan().All().Item<bool>());
            }
    }

    [Fact]
    public void Distinct_elements_and_slices_are_found_with_places_and_counts()
    {
        (Tensor v, Tensor? i, Tensor? c) = I(3, 1, 3, 2, 1, 3).Unique(returnInverse: true, returnCounts: true);
        Assert.Equal([1, 2, 3], v.ToArray<long>());
        Assert.Equal([2, 0, 2, 1, 0, 2], i!.ToArray<long>());
        Assert.Equal([2, 1, 3], c!.ToArray<long>());
        (v, i, c) = I(1, 2, 0, 9, 1, 2).Reshape(3, 2).Unique(returnInverse: true, returnCounts: true, dim: 0);
        Assert.Equal([0, 9, 1, 2], v.ToArray<long>());
        Assert.Equal([1, 0, 1], i!.ToArray<long>());
        Assert.Equal([1, 2], c!.ToArray<long>());
        (v, i, c) = I(1, 1, 2, 2, 2, 1).UniqueConsecutive(true, true);
        Assert.Equal([1, 2, 1], v.ToArray<long>());
        Assert.Equal([0, 0, 1, 1, 1, 2], i!.ToArray<long>());
        Assert.Equal([2, 3, 1], c!.ToArray<long>());
    }

    [Fact]
    public void The_number_of_threads_does_not_show_in_large_results()
    {
        Tensor x = Tensor.Arange(40000, DType.Float32).Sin().Reshape(400, 100), index = (x[.., ..1].Reshape(-1) * 150 + 150).Long(), wide = (x.Narrow(1, 0, 80) * 49 + 49).Long();
        Func<Tensor>[] all =
        [
            () => x.IndexSelect(0, index), () => Tensor.Zeros(400, 100).IndexAdd(0, index, x), () => x.Gather(1, wide), () => Tensor.Zeros(400, 100).ScatterAdd(1, wide, x), () => Tensor.Zeros(400, 100).ScatterAdd(0, wide, x),
            () => Tensor.Zeros(400, 100).Scatter(0, wide, x), () => x.Gt(0.3).NonZero(), () => x.Reshape(-1).Gt(0.3).NonZero(), () => x.Sort(0).Values, () => x.TopK(5).Values, () => x.Median(1).Values, () => x.Max(0).Values, () => x[x > 0],
            () => Tensor.Zeros(300).IndexPut([index], x.Select(1, 0), accumulate: true),
        ];
        int threads = Threads.Count;
        try
        {
            foreach (Func<Tensor> f in all)
            {
                Threads.Count = 1;
                double[] one = f().ToArray<double>();
                Threads.Count = 4;
                Assert.Equal(one, f().ToArray<double>());
            }
        }
        finally { Threads.Count = threads; }
    }

    [Fact]
    public void A_tensor_can_be_scattered_into_itself()
    {
        Tensor x = Grid;
        x.IndexCopyInPlace(0, I(2, 1, 0), x);
        Is(x, [3, 4], 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
        x[I(0, 1)] = x[1..];
        Is(x, [3, 4], 4, 5, 6, 7, 0, 1, 2, 3, 0, 1, 2, 3);
        Tensor i = I(2, 0, 1);
        i.ScatterInPlace(0, i, i);
        Assert.Equal([0, 1, 2], i.ToArray<long>());
    }
}
