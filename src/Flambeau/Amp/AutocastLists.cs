using System.Collections.Frozen;

namespace Flambeau;

/// <summary>What autocast does with an operation's arguments.</summary>
internal enum AutocastList
{
    /// <summary>Float32 becomes the 16-bit type.</summary>
    LowerPrecision,

    /// <summary>16-bit types become float32.</summary>
    Float32,

    /// <summary>All become the widest type among them.</summary>
    Promote,

    /// <summary>None: an operation that PyTorch does not list, made here of one that it does.</summary>
    Unchanged,
}

/// <summary>PyTorch's lists for the CPU (torch.amp, "CPU Op-Specific Behavior"), by the names that operations have at the waist and compositions give themselves.</summary>
internal static class AutocastLists
{
    static readonly FrozenDictionary<string, AutocastList> s_lists = Build();

    /// <summary>The list of an operation; null if it runs in whatever types it gets.</summary>
    public static AutocastList? Of(string name) => s_lists.TryGetValue(name, out AutocastList list) ? list : null;

    static FrozenDictionary<string, AutocastList> Build()
    {
        Dictionary<string, AutocastList> lists = [];
        Add(AutocastList.LowerPrecision,
            "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d matmul linear linalg_vecdot addmm addbmm baddbmm prelu " +
            "attention scaled_dot_product_attention rnn_layer");
        Add(AutocastList.Float32,
            "avg_pool3d binary_cross_entropy grid_sampler polar prod quantile stft cdist trace view_as_complex " +
            "max_pool3d max_unpool2d max_unpool3d reflection_pad1d reflection_pad2d replication_pad1d " +
            "replication_pad2d replication_pad3d mse_loss cosine_embedding_loss nll_loss hinge_embedding_loss poisson_nll_loss smooth_l1_loss cross_entropy " +
            "l1_loss huber_loss margin_ranking_loss soft_margin_loss triplet_margin_loss multi_margin_loss ctc_loss kl_div multilabel_margin_loss " +
            "binary_cross_entropy_with_logits fft fractional_max_pool2d fractional_max_pool3d " +
            "linalg.lu_factor linalg.pivot_rows linalg.solve linalg.inverse linalg.solve_triangular linalg.cholesky linalg.cholesky_solve linalg.qr linalg.geqrf linalg.reflect " +
            "linalg.svd linalg.eigh linalg.eig linalg.pinv");
        Add(AutocastList.Promote, "cat index_copy lstm_gates gru_gates recurrent_layer");
        Add(AutocastList.Unchanged, "mv dot bilinear");
        return lists.ToFrozenDictionary();

        void Add(AutocastList list, string names)
        {
            foreach (string name in names.Split(' ')) lists.Add(name, list);
        }
    }
}
