using System.Globalization;
using Tabular.ModelCache.EndToEnd.Tests.Children;
using Tabular.ModelCache.EndToEnd.Tests.Harness;
using Tabular.ModelCache.EndToEnd.Tests.Pull;
using Tabular.ModelCache.Testing;

namespace Tabular.ModelCache.EndToEnd.Tests.StatusPage;

/// <summary>The page at <c>/</c> in a real browser.</summary>
public sealed class StatusPageTests : IDisposable
{
    private const double OllamaScale = 0.02;
    private const double HubScale = 0.014;

    // Files are pulled in parts of 8 MiB, which are counted in their order. The last ones of both models are few enough to fit in the memory for parts.
    private const long HeldFrom = 2 * (8 << 20);

    private readonly TemporaryFolder _folder = new();
    private readonly Deployment _deployment = new();

    [Fact]
    public async Task Page_WhilePullingAndAfter_ShowsLiveBarsAndThenVersions()
    {
        using var release = new ManualResetEventSlim();
        await using var registry = await PullRegistry.StartAsync();
        registry.Serve(OllamaModels.Llama32(OllamaScale));
        registry.Serve(HubModels.BgeM3(HubScale));
        registry.Fault = request =>
        {
            if (StartOf(request.Range) >= HeldFrom)
            {
                release.Wait(Poll.Deadline, TestContext.Current.CancellationToken);
            }

            return null;
        };
        registry.Connect(_deployment)
            .WithModel("llama3.2-1b", "ollama", registry.OllamaSource).WithModel("bge-m3", "sbert", PullRegistry.HubSource)
            .WithOllama("llama3.2-1b", _folder.Join("starts"));
        await using var app = _deployment.Start();
        try
        {
            await using var browser = await Browser.OpenAsync(await app.GetAddressAsync());

            // Both bars have come as far as they are let; the page has learned it without being loaded again.
            await browser.WaitForAsync(Bars + ".length === 2 && " + Bars + ".every(b => +b.getAttribute('aria-valuenow') > 40)");
            (await browser.ReadAsync<string>("document.getElementById('state').textContent")).Should().Be("pulling");
            (await browser.ReadAsync<string[]>(Bars + ".map(b => b.getAttribute('role') + b.getAttribute('aria-label'))"))
                .Should().Equal("progressbarProgress of llama3.2-1b", "progressbarProgress of bge-m3");
            (await browser.ReadAsync<bool>(Bars + ".every(b => b.firstElementChild.getBoundingClientRect().width > 100)")).Should().BeTrue("a bar has a length");
            (await browser.ReadAsync<string[]>("[...document.querySelectorAll('.amount')].map(a => a.textContent)")).Should().OnlyContain(a => a.Contains(" MB of "));
            (await browser.ReadAsync<string>("document.querySelector('.child .state').textContent")).Should().Be("waiting for gate");
            await browser.TakeScreenshotAsync("status-pulling");
            await browser.TakeScreenshotAsync("status-pulling-dark", "dark");

            release.Set();
            await browser.WaitForAsync("document.getElementById('state').textContent === 'ready' && document.querySelector('.child .state').textContent === 'running'");
            (await browser.ReadAsync<bool>(Bars + ".every(b => b.hidden)")).Should().BeTrue();
            var served = await app.GetModelsAsync();
            (await browser.ReadAsync<string[]>("[...document.querySelectorAll('.model .version code')].map(v => v.textContent)"))
                .Should().Equal(served.Select(m => m.Version));
            await browser.TakeScreenshotAsync("status-ready");
            await browser.TakeScreenshotAsync("status-ready-dark", "dark");

            Signal.Send(ChildSetup.ReadStarts(_folder.Join("starts"))[0].ProcessId, Signal.Kill);
            await browser.WaitForAsync("document.querySelector('#problems')?.textContent.includes('Child ollama is down: it ended with exit code 137')");
            await browser.WaitForAsync("document.querySelector('.child .counts').textContent.startsWith('1 restart')");
            browser.Errors.Should().BeEmpty();
        }
        finally
        {
            release.Set();
        }
    }

    [Fact]
    public async Task Page_FailedStartWithMarkupInItsReason_ShowsItAsText()
    {
        const string Markup = "<img src=x onerror=document.title='owned'>";
        await using var app = _deployment.WithModel("llm", "ollama", "dir:///nowhere/" + Markup).WithSetting("FailureBehavior", "StayUnready").Start();
        await app.WaitForStateAsync("failed");
        await using var browser = await Browser.OpenAsync(await app.GetAddressAsync());

        await browser.WaitForAsync("document.getElementById('state').textContent === 'failed'");

        (await browser.ReadAsync<string>("document.querySelector('.model .reason').textContent")).Should().Contain(Markup);
        (await browser.ReadAsync<string>("document.getElementById('problems').textContent")).Should().Contain(Markup);
        (await browser.ReadAsync<int>("document.images.length")).Should().Be(0);
        (await browser.ReadAsync<string>("document.title")).Should().Be("Tabular: failed");
        browser.Errors.Should().BeEmpty();
    }

    public void Dispose()
    {
        _deployment.Dispose();
        _folder.Dispose();
    }

    private const string Bars = "[...document.querySelectorAll('[role=progressbar]')]";

    private static long StartOf(string? range) =>
        range is not null && long.TryParse(range.Split('=', '-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var start) ? start : 0;
}
