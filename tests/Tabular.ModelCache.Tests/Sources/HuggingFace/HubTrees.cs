using System.Globalization;
using Tabular.ModelCache.Sources.HuggingFace;

namespace Tabular.ModelCache.Tests.Sources.HuggingFace;

/// <summary>The shapes of real repositories.</summary>
internal static class HubTrees
{
    public const string BgeM3Modules = """
        [
          {
            "idx": 0,
            "name": "0",
            "path": "",
            "type": "sentence_transformers.models.Transformer"
          },
          {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.models.Pooling"
          },
          {
            "idx": 2,
            "name": "2",
            "path": "2_Normalize",
            "type": "sentence_transformers.models.Normalize"
          }
        ]
        """;

    /// <summary>BAAI/bge-m3 at 5617a9f61b028005a4858fdac845db406aefb181; the sizes below <c>imgs/</c> are not the real ones.</summary>
    public const string BgeM3 = """
        .gitattributes 1627
        1_Pooling/config.json 191
        README.md 15822
        colbert_linear.pt 2100674
        config.json 687
        config_sentence_transformers.json 123
        imgs/.DS_Store 6148
        imgs/bm25.jpg 132268
        imgs/long.jpg 486258
        imgs/miracl.jpg 576482
        imgs/mkqa.jpg 608119
        imgs/nqa.jpg 158358
        imgs/others.webp 20986
        long.jpg 126894
        modules.json 349
        onnx/Constant_7_attr__value 65552
        onnx/config.json 698
        onnx/model.onnx 724923
        onnx/model.onnx_data 2266820608
        onnx/sentencepiece.bpe.model 5069051
        onnx/special_tokens_map.json 964
        onnx/tokenizer.json 17082821
        onnx/tokenizer_config.json 1173
        pytorch_model.bin 2271145830
        sentence_bert_config.json 54
        sentencepiece.bpe.model 5069051
        sparse_linear.pt 3516
        special_tokens_map.json 964
        tokenizer.json 17098108
        tokenizer_config.json 444
        """;

    /// <summary>Reads lines of a path and a size; the digests are made up.</summary>
    public static List<HubEntry> Parse(string lines) =>
    [
        .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line =>
        {
            var parts = line.Split(' ');
            return new HubEntry(parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 1, new string('0', 40), null);
        }),
    ];
}
