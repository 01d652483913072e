using System.Globalization;
using Flambeau.Nn;
using Xunit;

namespace Flambeau.Tests.Nn;

/// <summary>Draws from the generator that everybody shares: alone.</summary>
[CollectionDefinition(nameof(DefaultGenerator), DisableParallelization = true)]
public class DefaultGenerator;

/// <summary>A new module has the numbers that PyTorch draws for it, and draws as many.</summary>
[Collection(nameof(DefaultGenerator))]
public class FirstValuesTests
{
    // After manual_seed(1): first and last element of each entry of the state dict, and the next torch.rand(1).
    static readonly Dictionary<string, string> s_recorded = new()
    {
        ["Linear"] = "weight:0.297487:0.0284817 bias:0.210865:-0.0519773 | 0.572472",
        ["Bilinear"] = "weight:0.364346:-0.305004 bias:-0.226591:0.384338 | 0.0112246",
        ["Conv2d"] = "weight:0.121449:0.0123076 bias:0.161564:-0.156408 | 0.562514",
        ["ConvTranspose1d"] = "weight:0.171754:-0.160777 bias:0.292704:-0.141033 | 0.874962",
        ["Embedding"] = "weight:0.661352:0.422415 | 0.83003",
        ["Lstm"] = "weight_ih_l0:0.257632:0.147052 weight_hh_l0:-0.144379:0.251676 bias_ih_l0:-0.351562:-0.237236 bias_hh_l0:0.170488:0.373479 weight_hr_l0:0.474107:-0.360052 weight_ih_l0_reverse:-0.302386:-0.112337 weight_hh_l0_reverse:-0.398459:-0.349965 bias_ih_l0_reverse:0.121095:0.413303 bias_hh_l0_reverse:0.369611:-0.38863 weight_hr_l0_reverse:0.492305:-0.396741 weight_ih_l1:-0.410686:-0.131423 weight_hh_l1:-0.0662816:-0.147651 bias_ih_l1:-0.279658:0.109588 bias_hh_l1:-0.176379:-0.245297 weight_hr_l1:0.140666:0.10556 weight_ih_l1_reverse:-0.184402:0.353357 weight_hh_l1_reverse:-0.393757:-0.215627 bias_ih_l1_reverse:0.476518:0.462629 bias_hh_l1_reverse:0.209884:-0.242467 weight_hr_l1_reverse:-0.0954389:0.130177 | 0.126146",
        ["Gru"] = "weight_ih_l0:0.257632:-0.241166 weight_hh_l0:0.439056:-0.0852036 bias_ih_l0:0.293662:-0.237236 bias_hh_l0:0.170488:0.0261084 | 0.842729",
        ["Rnn"] = "weight_ih_l0:0.257632:0.0246659 weight_hh_l0:0.182614:0.271768 | 0.0112246",
        ["LstmCell"] = "weight_ih:0.257632:0.147052 weight_hh:-0.144379:0.373479 bias_ih:0.474107:-0.10627 bias_hh:0.288085:0.182927 | 0.654744",
        ["MultiheadAttention"] = "in_proj_weight:-0.228051:0.0894416 in_proj_bias:0:0 bias_k:0.30335:-0.123854 bias_v:-0.40147:0.344907 out_proj.weight:0.257632:-0.0450137 out_proj.bias:0:0 | 0.793662",
        ["MultiheadAttention of other sizes"] = "q_proj_weight:-0.322513:-0.417712 k_proj_weight:0.812973:0.272288 v_proj_weight:-0.235769:0.119255 in_proj_bias:0:0 out_proj.weight:0.257632:-0.0450137 out_proj.bias:0:0 | 0.120541",
        ["TransformerEncoderLayer"] = "self_attn.in_proj_weight:-0.228051:0.0894416 self_attn.in_proj_bias:0:0 self_attn.out_proj.weight:0.257632:-0.0450137 self_attn.out_proj.bias:0:0 linear1.weight:-0.379459:-0.374938 linear1.bias:0.100449:0.0895613 linear2.weight:-0.173658:0.0512876 linear2.bias:0.406887:-0.225961 norm1.weight:1:1 norm1.bias:0:0 norm2.weight:1:1 norm2.bias:0:0 | 0.0298921",
        ["TransformerEncoder"] = "layers.0.self_attn.in_proj_weight:-0.228051:0.0894416 layers.0.self_attn.in_proj_bias:0:0 layers.0.self_attn.out_proj.weight:0.257632:-0.0450137 layers.0.self_attn.out_proj.bias:0:0 layers.0.linear1.weight:-0.379459:-0.374938 layers.0.linear1.bias:0.100449:0.0895613 layers.0.linear2.weight:-0.173658:0.0512876 layers.0.linear2.bias:0.406887:-0.225961 layers.0.norm1.weight:1:1 layers.0.norm1.bias:0:0 layers.0.norm2.weight:1:1 layers.0.norm2.bias:0:0 layers.1.self_attn.in_proj_weight:-0.228051:0.0894416 layers.1.self_attn.in_proj_bias:0:0 layers.1.self_attn.out_proj.weight:0.257632:-0.0450137 layers.1.self_attn.out_proj.bias:0:0 layers.1.linear1.weight:-0.379459:-0.374938 layers.1.linear1.bias:0.100449:0.0895613 layers.1.linear2.weight:-0.173658:0.0512876 layers.1.linear2.bias:0.406887:-0.225961 layers.1.norm1.weight:1:1 layers.1.norm1.bias:0:0 layers.1.norm2.weight:1:1 layers.1.norm2.bias:0:0 | 0.0298921",
        ["Transformer"] = "encoder.layers.0.self_attn.in_proj_weight:-0.121216:-0.300427 encoder.layers.0.self_attn.in_proj_bias:0:0 encoder.layers.0.self_attn.out_proj.weight:0.243641:-0.223469 encoder.layers.0.self_attn.out_proj.bias:0:0 encoder.layers.0.linear1.weight:-0.500564:-0.548752 encoder.layers.0.linear1.bias:0.100449:0.0895613 encoder.layers.0.linear2.weight:0.529787:-0.380416 encoder.layers.0.linear2.bias:0.406887:-0.225961 encoder.layers.0.norm1.weight:1:1 encoder.layers.0.norm1.bias:0:0 encoder.layers.0.norm2.weight:1:1 encoder.layers.0.norm2.bias:0:0 encoder.layers.1.self_attn.in_proj_weight:0.0126772:-0.449162 encoder.layers.1.self_attn.in_proj_bias:0:0 encoder.layers.1.self_attn.out_proj.weight:0.351035:0.391478 encoder.layers.1.self_attn.out_proj.bias:0:0 encoder.layers.1.linear1.weight:0.529239:0.0967176 encoder.layers.1.linear1.bias:0.100449:0.0895613 encoder.layers.1.linear2.weight:-0.765965:-0.263599 encoder.layers.1.linear2.bias:0.406887:-0.225961 encoder.layers.1.norm1.weight:1:1 encoder.layers.1.norm1.bias:0:0 encoder.layers.1.norm2.weight:1:1 encoder.layers.1.norm2.bias:0:0 encoder.norm.weight:1:1 encoder.norm.bias:0:0 decoder.layers.0.self_attn.in_proj_weight:-0.353512:0.428306 decoder.layers.0.self_attn.in_proj_bias:0:0 decoder.layers.0.self_attn.out_proj.weight:0.430569:0.812187 decoder.layers.0.self_attn.out_proj.bias:0:0 decoder.layers.0.multihead_attn.in_proj_weight:-0.356783:-0.376417 decoder.layers.0.multihead_attn.in_proj_bias:0:0 decoder.layers.0.multihead_attn.out_proj.weight:-0.404277:-0.097122 decoder.layers.0.multihead_attn.out_proj.bias:0:0 decoder.layers.0.linear1.weight:-0.717601:-0.753061 decoder.layers.0.linear1.bias:-0.436077:-0.318634 decoder.layers.0.linear2.weight:0.312174:-0.462475 decoder.layers.0.linear2.bias:-0.142791:0.150744 decoder.layers.0.norm1.weight:1:1 decoder.layers.0.norm1.bias:0:0 decoder.layers.0.norm2.weight:1:1 decoder.layers.0.norm2.bias:0:0 decoder.layers.0.norm3.weight:1:1 decoder.layers.0.norm3.bias:0:0 decoder.layers.1.self_attn.in_proj_weight:0.445286:0.142744 decoder.layers.1.self_attn.in_proj_bias:0:0 decoder.layers.1.self_attn.out_proj.weight:-0.139217:0.0607225 decoder.layers.1.self_attn.out_proj.bias:0:0 decoder.layers.1.multihead_attn.in_proj_weight:-0.46928:0.449553 decoder.layers.1.multihead_attn.in_proj_bias:0:0 decoder.layers.1.multihead_attn.out_proj.weight:0.0657835:-0.0109019 decoder.layers.1.multihead_attn.out_proj.bias:0:0 decoder.layers.1.linear1.weight:-0.15886:0.0806326 decoder.layers.1.linear1.bias:-0.436077:-0.318634 decoder.layers.1.linear2.weight:0.154386:-0.431867 decoder.layers.1.linear2.bias:-0.142791:0.150744 decoder.layers.1.norm1.weight:1:1 decoder.layers.1.norm1.bias:0:0 decoder.layers.1.norm2.weight:1:1 decoder.layers.1.norm2.bias:0:0 decoder.layers.1.norm3.weight:1:1 decoder.layers.1.norm3.bias:0:0 decoder.norm.weight:1:1 decoder.norm.bias:0:0 | 0.262908",
        ["Prelu"] = "weight:0.25:0.25 | 0.757632",
        ["BatchNorm2d"] = "weight:1:1 bias:0:0 running_mean:0:0 running_var:1:1 num_batches_tracked:0:0 | 0.757632",
    };

    static readonly Dictionary<string, Func<Module>> s_modules = new()
    {
        ["Linear"] = () => new Linear(3, 4),
        ["Bilinear"] = () => new Bilinear(2, 3, 4),
        ["Conv2d"] = () => new Conv2d(4, 6, 3, groups: 2),
        ["ConvTranspose1d"] = () => new ConvTranspose1d(4, 6, 3, groups: 2),
        ["Embedding"] = () => new Embedding(5, 3, paddingIdx: 1),
        ["Lstm"] = () => new Lstm(3, 4, 2, bidirectional: true, projSize: 2),
        ["Gru"] = () => new Gru(3, 4),
        ["Rnn"] = () => new Rnn(3, 4, bias: false),
        ["LstmCell"] = () => new LstmCell(3, 4),
        ["MultiheadAttention"] = () => new MultiheadAttention(4, 2, addBiasKv: true),
        ["MultiheadAttention of other sizes"] = () => new MultiheadAttention(4, 2, kDim: 3, vDim: 5),
        ["TransformerEncoderLayer"] = () => new TransformerEncoderLayer(4, 2, 6),
        ["TransformerEncoder"] = () => new TransformerEncoder(new(4, 2, 6), 2),
        ["Transformer"] = () => new Transformer(4, 2, 2, 2, 6),
        ["Prelu"] = () => new Prelu(3),
        ["BatchNorm2d"] = () => new BatchNorm2d(3),
    };

    public static TheoryData<string> Names => new(s_modules.Keys);

    [Theory, MemberData(nameof(Names))]
    public void First_values_are_those_of_PyTorch(string name)
    {
        Generator.ManualSeed(1);
        var state = s_modules[name]().StateDict();
        string next = Text(Tensor.Rand(1).ToArray<double>()[0]);
        Assert.Equal(s_recorded[name], $"{string.Join(' ', state.Select(s => $"{s.Key}:{Text(s.Value.ToArray<double>()[0])}:{Text(s.Value.ToArray<double>()[^1])}"))} | {next}");

        static string Text(double x) => x == 0 ? "0" : decimal.Parse(x.ToString("E5", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0.############", CultureInfo.InvariantCulture);
    }
}
